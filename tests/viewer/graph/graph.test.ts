import { join } from "node:path";
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { goldensFolder } from "../../../fixtures/files.js";
import { accessibilityProblems } from "../accessible.js";
import { drop, startViewer, takeFailures } from "../browser.js";
import { graphFolder } from "./graph-folder.js";

const folder = graphFolder();
const viewer = startViewer();

async function openGraph(): Promise<Page> {
  const page = await viewer.open();
  await drop(page, [join(goldensFolder, "v2-with-meta")]);
  await page.getByRole("tab", { name: "Graph" }).click();
  await page.getByText("243 operations", { exact: true }).waitFor();
  return page;
}

/** Drops the files of a checkpoint with an odd graph. */
async function openOdd(name: string): Promise<Page> {
  const page = await viewer.open("#graph");
  const files = [`${name}.index`, `${name}.data-00000-of-00001`, ...(name === "none" ? [] : [`${name}.meta`])];
  await drop(
    page,
    files.map((file) => join(folder.path, file)),
  );
  return page;
}

test("the whole graph is summed up: types, devices, collections, saver", async () => {
  const page = await openGraph();
  const summary = page.getByRole("region", { name: "The whole graph" });
  await summary.getByText("243 operations, written by TensorFlow 2.21.0").waitFor();
  expect(await summary.getByRole("listitem").first().textContent()).toBe("Const 55");
  await summary.getByText("trainable_variables").click();
  await summary.getByRole("button", { name: "dense1/kernel:0" }).waitFor();
  await summary.getByRole("button", { name: "save/restore_all" }).click();
  await page.getByRole("heading", { name: "save/restore_all" }).waitFor();
  expect(page.url()).toContain("node=save%2Frestore_all");
  expect(takeFailures()).toEqual([]);
});

test("a node shows its inputs, outputs, attributes and surroundings, and leads on", async () => {
  const page = await openGraph();
  await page.getByLabel("Search operations").fill("SaveV2");
  await page.getByRole("treeitem", { name: /^save\/SaveV2 ?SaveV2/ }).click();
  const panel = page.getByRole("region", { name: "Operation" });
  await panel.getByRole("button", { name: "save/SaveV2/tensor_names", exact: true }).first().waitFor();
  expect(await panel.locator("dl > div", { hasText: "dtypes" }).textContent()).toContain("float32");
  const drawing = panel.getByRole("group", { name: /^Drawing of the surroundings/ });
  await panel.getByRole("button", { name: "Fit" }).click();
  await drawing.getByRole("button", { name: "save/Const, PlaceholderWithDefault" }).click();
  await page.getByRole("heading", { name: "save/Const" }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "save/SaveV2" }).waitFor();
  expect(takeFailures()).toEqual([]);
});

test("operations are listed by scope and by type, and the list follows the node", async () => {
  const page = await openGraph();
  const tree = page.getByRole("tree", { name: "Operations" });
  await page.getByLabel("Group").selectOption("By type");
  await tree.getByRole("treeitem", { name: /^ApplyAdam/ }).click();
  await tree
    .getByRole("treeitem", { name: /ApplyAdam/ })
    .nth(1)
    .click();
  await page.getByLabel("Group").selectOption("By scope");
  await tree.locator("[aria-selected=true]").waitFor();
  expect(await tree.locator("[aria-selected=true]").textContent()).toContain("ApplyAdam");
  expect(takeFailures()).toEqual([]);
});

test("the keyboard unfolds scopes, opens a node, walks in the drawing, and zooms", async () => {
  const page = await openGraph();
  await page.getByLabel("Group").focus();
  await page.keyboard.press("Tab");
  // The first scope that has others in it.
  const tree = page.getByRole("tree", { name: "Operations" });
  while ((await tree.locator(":focus[aria-expanded]").count()) === 0) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  const first = await page.getByRole("region", { name: "Operation" }).getByRole("heading").first().textContent();
  const drawing = page.getByRole("group", { name: /^Drawing/ });
  await drawing.locator("[data-node='0']").focus();
  await page.keyboard.press("ArrowRight");
  const box = await drawing.getAttribute("viewBox");
  await page.keyboard.press("+");
  await expect.poll(() => drawing.getAttribute("viewBox")).not.toBe(box);
  await page.keyboard.press("Enter");
  await expect
    .poll(() => page.getByRole("region", { name: "Operation" }).getByRole("heading").first().textContent())
    .not.toBe(first);
  expect(takeFailures()).toEqual([]);
});

test("a drag moves the drawing and is no click; more steps draw more, and a list says the same", async () => {
  const page = await openGraph();
  await page.getByLabel("Search operations").fill("MatMul_1");
  await page
    .getByRole("treeitem", { name: /^MatMul_1/ })
    .first()
    .click();
  const drawing = page.getByRole("group", { name: /^Drawing/ });
  await drawing.locator("[data-node='1']").waitFor();
  const few = await drawing.locator("[data-node]").count();
  await page.getByLabel("Steps from here").selectOption("2");
  await expect.poll(() => drawing.locator("[data-node]").count()).toBeGreaterThan(few);
  const many = await drawing.locator("[data-node]").count();
  const place = await drawing.locator("[data-node='0']").boundingBox();
  const [x, y] = [(place?.x ?? 0) + 20, (place?.y ?? 0) + 10];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 60, y + 30, { steps: 4 });
  await page.mouse.up();
  const moved = await drawing.locator("[data-node='0']").boundingBox();
  expect(Math.round((moved?.x ?? 0) - (place?.x ?? 0))).toBe(60);
  await page.getByRole("heading", { name: "MatMul_1" }).waitFor();
  await page.getByText("The same as a list").click();
  expect(await page.locator(".near-list li").count()).toBe(many - 1);
  expect(takeFailures()).toEqual([]);
});

test("a graph of 100,000 operations is listed, searched, and scrolled", async () => {
  const page = await openOdd("large");
  await page.getByText("100,000 operations", { exact: true }).first().waitFor();
  const tree = page.getByRole("tree", { name: "Operations" });
  await page.getByLabel("Search operations").fill("op_99999");
  await tree.getByRole("treeitem").click();
  await page.getByRole("heading", { name: "layer_199/op_99999" }).waitFor();
  await page.getByLabel("Search operations").fill("op_");
  await page.getByText("100,000 of 100,000 operations").waitFor();
  await tree.getByRole("treeitem").first().focus();
  await page.keyboard.press("End");
  await tree.getByRole("treeitem", { name: "layer_99/op_99899" }).waitFor();
  // The first one is an input of all others.
  await page.getByLabel("Search operations").fill("layer_0/op_0");
  await tree.getByRole("treeitem").first().click();
  await page.getByText("99,999", { exact: true }).waitFor();
  expect(takeFailures()).toEqual([]);
});

test("the edges of a while loop are drawn", async () => {
  const page = await openOdd("loop");
  await page.getByText("6 operations", { exact: true }).first().waitFor();
  await page.getByLabel("Search operations").fill("while/Merge");
  await page.getByRole("treeitem").click();
  await page.getByLabel("Steps from here").selectOption("3");
  await expect.poll(() => page.locator("[data-node]").count()).toBe(6);
  expect(takeFailures()).toEqual([]);
});

test("hostile names, types and attributes are text, and edges that lie are named", async () => {
  const page = await openOdd("hostile");
  await page.getByText("6 operations", { exact: true }).first().waitFor();
  const tree = page.getByRole("tree", { name: "Operations" });
  await tree.getByRole("treeitem", { name: /<img/ }).click();
  await page.getByText("nowhere:1").waitFor();
  await page.getByText("is not in the graph").first().waitFor();
  expect(await page.locator("img, .main b").count()).toBe(0);
  await tree.getByRole("treeitem", { name: /^self/ }).click();
  await page.getByText("float32 [1048576,4096], 16.0 GiB").waitFor();
  await tree.getByRole("treeitem", { name: /\\u202egnp/ }).click();
  await page.getByRole("heading", { name: "\\u202egnp.exe" }).waitFor();
  await tree.getByRole("treeitem", { name: /^xxx/ }).click();
  await page.getByRole("button", { name: "Show all 1,000,000 characters" }).first().waitFor();
  expect(takeFailures()).toEqual([]);
});

test("files that are no graphs say what they are, and a checkpoint without a graph says so", async () => {
  for (const [name, text] of [
    ["cut", /cut\.meta.*damaged, or its end is missing/],
    ["page", /page\.meta: it is a web page/],
    ["none", /There is no \.meta file beside/],
  ] as const) {
    const page = await openOdd(name);
    await page.getByText(text).waitFor();
    await page.close();
  }
  expect(takeFailures()).toEqual([]);
});

test("axe finds nothing, light and dark, wide and narrow", async () => {
  const page = await openGraph();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByLabel("Search operations").fill("save/SaveV2");
  await page.getByRole("treeitem", { name: /^save\/SaveV2 ?SaveV2/ }).click();
  await page.locator("[data-node='1']").waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      expect(await accessibilityProblems(page)).toEqual([]);
    }
  }
});
