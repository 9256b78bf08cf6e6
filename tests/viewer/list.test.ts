import { join } from "node:path";
import type { Page } from "playwright";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { drop, startViewer, takeFailures } from "./browser.js";
import { writeManyTensors } from "./checkpoints.js";
import { temporaryFolder } from "./temporary-folder.js";

const viewer = startViewer();
const folder = temporaryFolder();

afterEach(() => expect(takeFailures()).toEqual([]));

const OPEN = "?served=v2-with-meta/model.ckpt-7#tensors";

function names(page: Page): Promise<string[]> {
  return page.getByRole("treeitem").locator(".label").allTextContents();
}

/** Returns the text of the row that has the focus. */
function focused(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    const root = document.getElementById("viewer")?.shadowRoot;
    return root?.activeElement?.querySelector(".label .end")?.textContent ?? undefined;
  });
}

describe("the tree", () => {
  test("sums what is in a scope, and folds the slots of optimizers under their variables", async () => {
    const page = await viewer.open(OPEN);
    const dense = page.getByRole("treeitem", { name: "dense1" });
    expect(await dense.textContent()).toContain("tensors");
    expect(await dense.getAttribute("aria-expanded")).toBe("false");
    await dense.click();
    expect(await dense.getAttribute("aria-expanded")).toBe("true");
    const kernel = page.getByRole("treeitem", { name: /^kernel/ });
    expect(await kernel.textContent()).toContain("2 slots");
    await kernel.locator(".twisty").click();
    expect(await page.getByRole("treeitem", { level: 3 }).locator(".label").allTextContents()).toEqual([
      "Adam",
      "Adam_1",
    ]);
  });

  test("is walked by the keyboard: arrows, Home, End, Enter", async () => {
    const page = await viewer.open(OPEN);
    await page.getByRole("treeitem").first().waitFor();
    await page.getByRole("combobox", { name: "Size" }).focus();
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("dense1");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await focused(page)).toBe("bias");
    await page.keyboard.press("ArrowDown");
    expect(await focused(page)).toBe("kernel");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "dense1/kernel" }).waitFor();
    expect(await focused(page)).toBe("kernel");
    await page.keyboard.press("ArrowLeft");
    expect(await focused(page)).toBe("dense1");
    await page.keyboard.press("ArrowLeft");
    expect(await page.getByRole("treeitem", { name: "dense1" }).getAttribute("aria-expanded")).toBe("false");
    await page.keyboard.press("End");
    const last = await focused(page);
    await page.keyboard.press("Home");
    expect([last, await focused(page)]).toEqual(["global_step", "dense1"]);
  });

  test("of an object-based checkpoint shows its objects, without the parts that only keys have", async () => {
    const page = await viewer.open("?served=object-based#tensors");
    await page.getByRole("combobox", { name: "Group" }).waitFor();
    await expect.poll(() => page.getByRole("combobox", { name: "Group" }).locator("option").count()).toBe(4);
    expect((await names(page)).join("\n")).not.toContain(".ATTRIBUTES");
    await page.getByRole("combobox", { name: "Group" }).selectOption("By graph name");
    expect(page.url()).toContain("group=graph-names");
  });
});

describe("the search", () => {
  test("finds words whose letters are apart, and patterns in which * crosses /", async () => {
    const page = await viewer.open(OPEN);
    const search = page.getByRole("searchbox", { name: "Search tensors" });
    await search.fill("dense kernl");
    await expect.poll(() => names(page)).toContain("dense1/kernel");
    await search.fill("*/Adam");
    await expect.poll(async () => (await names(page)).every((name) => name.endsWith("/Adam"))).toBe(true);
    expect(page.url()).toContain("q=");
    await search.fill("no such thing at all");
    await page.getByText("0 of 15 tensors").waitFor();
  });

  test("together with filters and an order stands in the address", async () => {
    const page = await viewer.open(`${OPEN}?dtype=int64`);
    await expect.poll(() => names(page)).toEqual(["global_step"]);
    await page.getByRole("combobox", { name: "Dtype" }).selectOption("All dtypes");
    await page.getByRole("combobox", { name: "Sort" }).selectOption("Size");
    await page.getByRole("combobox", { name: "Group" }).selectOption("No groups");
    const sorted = await page.getByRole("treeitem").locator(".size").allTextContents();
    await page.reload();
    await expect.poll(() => page.getByRole("treeitem").locator(".size").allTextContents()).toEqual(sorted);
    expect(sorted.map(Number.parseFloat)).toEqual(sorted.map(Number.parseFloat).sort((a, b) => b - a));
  });
});

describe("200,000 tensors", () => {
  let prefix = "";
  beforeAll(async () => {
    prefix = await writeManyTensors(join(folder, "many"), 200_000);
  });

  test("are listed, scrolled to the end and searched, with few rows in the page", async () => {
    const page = await viewer.open("#tensors?group=none");
    await drop(page, [join(prefix, "..")]);
    await page.getByText("200,000 tensors").waitFor();
    const rows = page.getByRole("tree");
    await rows.evaluate((element) => {
      element.scrollTop = element.scrollHeight;
    });
    await page
      .getByRole("treeitem", { name: /^block_0781. ?layer_15/ })
      .first()
      .waitFor();
    expect(await page.getByRole("treeitem").count()).toBeLessThan(80);
    await page.getByRole("treeitem").last().click();
    await page.getByRole("heading", { name: /^block_0781/ }).waitFor();
    await page.getByRole("searchbox").fill("block_0042/layer_7 bias");
    await page.getByRole("treeitem", { name: /^block_0042. ?layer_7.bias/ }).waitFor();
  });
});
