import { join } from "node:path";
import { makeTensor } from "@tfsaver/core";
import { NodeStorage } from "@tfsaver/storage/node";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterEach, beforeAll, expect, test } from "vitest";
import { drop, startViewer, takeFailures } from "./browser.js";
import { writeLargeTensor } from "./checkpoints.js";
import { temporaryFolder } from "./temporary-folder.js";

const viewer = startViewer();
const folder = temporaryFolder();
const lies = temporaryFolder();

const MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>";
const REVERSED = "safe\u202egnp.exe";
const CONTROL = "line\nbreak\u0007bell\u001b[31mred\u200b";
const LONG = `long/${"x".repeat(1_000_000)}`;
const DEEP = `${"a/".repeat(100_000)}leaf`;

beforeAll(async () => {
  const writer = new BundleWriter(join(folder, `${MARKUP.replaceAll("/", "_")}.ckpt-1`), {
    storage: new NodeStorage(),
  });
  const names = [MARKUP, REVERSED, CONTROL, LONG, DEEP, "__proto__", "constructor", ""];
  for (const name of names.filter((one) => one !== "").sort()) {
    await writer.add(name, makeTensor("string", [1], [new TextEncoder().encode(`<b>${MARKUP}\u202e</b>`)]));
  }
  await writer.finish();
});

afterEach(() => expect(takeFailures()).toEqual([]));

test("names with markup, control characters, right-to-left marks and a million characters leave the page whole", async () => {
  const page = await viewer.open("#tensors?group=none");
  let alerts = 0;
  page.on("dialog", (dialog) => {
    alerts++;
    void dialog.dismiss();
  });
  await drop(page, [folder]);
  const rows = page.getByRole("treeitem");
  await rows.first().waitFor();
  const text = (await page.getByRole("tree").textContent()) as string;
  expect(text).toContain(MARKUP.split("/")[0]);
  expect(text).toContain("safe\\u202egnp.exe");
  expect(text).toContain("line\\nbreak\\u0007bell\\u001b[31mred\\u200b");
  expect(["\u202e", "\u200b", "\u001b"].filter((char) => text.includes(char))).toEqual([]);
  expect(text.length).toBeLessThan(10_000);
  for (const place of [0, 1, 2, 3, 4, 5, 6]) {
    await rows.nth(place).click();
    await page.locator(".tensor-side h2").waitFor();
  }
  for (const name of ["Overview", "Compare", "Graph"]) await page.getByRole("tab", { name }).click();
  const elements = await page.evaluate(() => {
    const root = document.getElementById("viewer")?.shadowRoot;
    return root?.querySelectorAll("img, script, b").length;
  });
  expect([alerts, elements]).toEqual([0, 0]);
});

test("shapes of far more elements than the data has leave the page whole, in every tab", async () => {
  for (const [name, shape] of [
    ["lies", [2 ** 30, 2 ** 20]],
    ["columns", [1, 2 ** 50]],
    ["axes", Array.from({ length: 50 }, () => 2)],
  ] as const) {
    await writeLargeTensor(lies, name, shape, 1000);
    const page = await viewer.open("#tensors");
    await drop(page, [join(lies, `${name}.index`), join(lies, `${name}.data-00000-of-00001`)]);
    await page.getByRole("treeitem", { name: /^large/ }).click();
    await page
      .getByText(/the file has only 1000 bytes/)
      .first()
      .waitFor();
    for (const tab of ["Overview", "Compare", "Graph", "Tensors"])
      await page.getByRole("tab", { name: tab, exact: true }).click();
    await page.getByRole("heading", { name: "large" }).waitFor();
    for (const tab of ["statistics", "picture", "kernels"]) {
      await page.evaluate((one) => {
        location.hash = location.hash.replace(/&tab=\w*|$/, `&tab=${one}`);
      }, tab);
      await page
        .getByText(/the file has only 1000 bytes|This reads all of the tensor/)
        .first()
        .waitFor();
    }
    await page.close();
  }
});

test("a long name is cut, and shown whole on a click", async () => {
  const page = await viewer.open("#tensors?q=long");
  await drop(page, [folder]);
  await page.getByRole("treeitem").first().click();
  const heading = page.locator(".tensor-side h2");
  expect((await heading.textContent())?.length).toBeLessThan(1000);
  await page.getByRole("button", { name: "Show all 1,000,005 characters" }).click();
  expect((await heading.textContent())?.length).toBe(1_000_005);
});

test("an address with markup shows text", async () => {
  const page = await viewer.open(
    `?served=nothing#tensors?tensor=${encodeURIComponent(MARKUP)}&checkpoint=${encodeURIComponent(MARKUP)}`,
  );
  await page.getByRole("alert").waitFor();
  await drop(page, [folder]);
  await page.getByRole("heading").first().waitFor();
});
