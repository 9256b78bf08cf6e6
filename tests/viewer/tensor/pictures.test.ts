import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { startViewer, takeFailures } from "../browser.js";
import { writeLargeTensor } from "../checkpoints.js";
import { temporaryFolder } from "../temporary-folder.js";
import { addressOf, floats, strings, writeTensors } from "./tensors.js";

const folder = temporaryFolder();
const viewer = startViewer(folder);

beforeAll(async () => {
  const specials = [Number.NaN, Number.POSITIVE_INFINITY, 0, -1, 1];
  await writeTensors(join(folder, "m"), {
    kernel: floats([3, 3, 9, 14], (place) => Math.sin(place)),
    normal: floats([400, 500], (place) => Math.sin(place) ** 3),
    small: floats([2, 3], (place) => place - 2),
    specials: floats([1, 5], (place) => specials[place] as number),
    "vocabulary-keys": strings(
      [50_000],
      Array.from({ length: 50_000 }, (_, i) => `word${i}`),
    ),
    "vocabulary-values": floats([50_000], (place) => place),
  });
  await writeLargeTensor(folder, "large", [1_310_720, 1024]);
});

test("statistics are a histogram and a table", async () => {
  const page = await viewer.open(addressOf("m", "small", { tab: "statistics" }));
  const table = page.getByRole("table", { name: "Statistics" });
  await table.waitFor();
  const rowOf = (name: string) =>
    table.getByRole("row", { name, exact: false }).first().getByRole("cell").textContent();
  expect(await rowOf("Elements")).toBe("6");
  expect(await rowOf("Zeros")).toBe("1 (16.7 %)");
  expect(await rowOf("Least")).toBe("-2.0");
  expect(await rowOf("Greatest")).toBe("3.0");
  expect(await rowOf("Mean")).toBe("0.5");
  await page.locator(".chart canvas").waitFor();
  await page.getByLabel("Logarithmic counts").check();
  await page.getByText("Histogram as a table").click();
  const counts = await page.getByRole("group", { name: "Histogram" }).locator("tbody td:last-child").allTextContents();
  expect(counts.reduce((sum, count) => sum + Number(count), 0)).toBe(6);
  expect(takeFailures()).toEqual([]);
});

test("statistics of 5 GiB are computed when asked for, and can be stopped", async () => {
  viewer.bytesServed();
  const page = await viewer.open(addressOf("large", "large", { tab: "statistics" }));
  await page.getByText("This reads all of the tensor: 5.0 GiB.").waitFor();
  expect(viewer.bytesServed()).toBeLessThan(1 << 20);
  await page.getByRole("button", { name: "Compute statistics" }).click();
  await page.getByRole("progressbar").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Compute statistics" }).waitFor();
  expect(takeFailures()).toEqual([]);
});

test("a heat map tells the index and the value of the cell under the pointer or the arrow keys", async () => {
  const page = await viewer.open(addressOf("m", "small", { tab: "picture" }));
  const picture = page.getByRole("group", { name: "Heat map" });
  await picture.focus();
  await page.getByText("row 0, column 0: -2.0").waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await page.getByText("row 1, column 1: 2.0").waitFor();
  const box = await picture.boundingBox();
  if (box === null) throw new Error("The picture has no size");
  await page.mouse.move(box.x + box.width - 3, box.y + 3);
  await page.getByText("row 0, column 2: 0.0").waitFor();
  await page.getByText("The picture as a table").click();
  const cells = page.getByRole("group", { name: "The picture as a table" }).locator("tbody td");
  expect(await cells.allTextContents()).toEqual(["-2", "-1", "0", "1", "2", "3"]);
  await page.getByLabel("Palette").selectOption("sequential");
  expect(takeFailures()).toEqual([]);
});

test("a heat map of 5 GiB reads a sample", async () => {
  viewer.bytesServed();
  const page = await viewer.open(addressOf("large", "large", { tab: "picture" }));
  await page.getByText("A sample: not all elements were read.").waitFor();
  expect(viewer.bytesServed()).toBeLessThan(9 << 20);
  await page.getByRole("button", { name: "Read all, 5.0 GiB" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await page.getByText("A sample: not all elements were read.").waitFor();
  expect(takeFailures()).toEqual([]);
});

test("kernels are small pictures in pages", async () => {
  const page = await viewer.open(addressOf("m", "kernel", { tab: "kernels" }));
  await page.getByRole("button", { name: "Input 0, output 0", exact: true }).waitFor();
  await page.getByRole("button", { name: "Input 7, output 11", exact: true }).click();
  const values = await page
    .getByRole("table", { name: "Kernel of input 7, output 11" })
    .getByRole("cell")
    .allTextContents();
  const expected = Array.from({ length: 9 }, (_, i) => Math.sin(i * 9 * 14 + 7 * 14 + 11));
  expect(values.map(Number)).toEqual(expected.map((value) => Number(Math.fround(value).toPrecision(4))));
  await page.getByText("Page 1 of 4").waitFor();
  await page.getByRole("button", { name: "Next page" }).click();
  await page.getByRole("button", { name: "Input 0, output 13", exact: true }).waitFor();
  expect(page.url()).toContain("page=1");
  expect(takeFailures()).toEqual([]);
});

test("a vocabulary shows keys and values side by side, and finds words", async () => {
  const page = await viewer.open(addressOf("m", "vocabulary-keys", { tab: "table" }));
  await page.getByText("50,000 rows").waitFor();
  await page.getByRole("gridcell", { name: '"word7"', exact: true }).waitFor();
  await page.getByRole("searchbox", { name: "Search" }).last().fill("WORD4999");
  await page.getByText("11 matches").waitFor();
  const row = page.getByRole("row").filter({ hasText: '"word49999"' });
  expect(await row.getByRole("gridcell").allTextContents()).toEqual(['"word49999"', "49999.0"]);
  expect(takeFailures()).toEqual([]);
});
