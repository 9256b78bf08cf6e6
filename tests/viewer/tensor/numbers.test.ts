import { join } from "node:path";
import { makeTensor } from "@tfsaver/core";
import { beforeAll, expect, test } from "vitest";
import { startViewer, takeFailures } from "../browser.js";
import { writeLargeTensor } from "../checkpoints.js";
import { temporaryFolder } from "../temporary-folder.js";
import { addressOf, cellAt, floats, strings, writeTensors } from "./tensors.js";

const folder = temporaryFolder();
const viewer = startViewer(folder);

beforeAll(async () => {
  const specials = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0.1, 1e-7];
  await writeTensors(join(folder, "m"), {
    cube: floats([2, 3, 4], (place) => place),
    exact: makeTensor("int64", [2], BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n))),
    flags: makeTensor("bool", [2], Uint8Array.of(1, 0)),
    half: makeTensor("float16", [1], Uint16Array.of(0x3555)),
    matrix: floats([5000, 40], (place) => place),
    pairs: makeTensor("complex64", [1], Float32Array.of(1.5, -2)),
    scalar: floats([], () => 42),
    specials: floats([6], (place) => specials[place] as number),
    words: strings([2], ["hi\u202e", new Uint8Array(1000).fill(65)]),
  });
  await writeLargeTensor(folder, "large", [1_310_720, 1024]);
  await writeLargeTensor(folder, "wide", [80, 16 << 20]);
});

test("numbers are shown by dtype: exact, shortest, and NaN to be seen", async () => {
  const expected: Record<string, readonly string[]> = {
    exact: ["9223372036854775807", "-9223372036854775808"],
    flags: ["True", "False"],
    half: ["0.3333"],
    pairs: ["1.5-2.j"],
    scalar: ["42.0"],
    specials: ["nan", "inf", "-inf", "0.0", "0.1", "1e-07"],
  };
  const page = await viewer.open(addressOf("m", "exact"));
  for (const [name, texts] of Object.entries(expected)) {
    await page.goto(`${viewer.url}${addressOf("m", name)}`);
    await page.reload();
    await page.getByText("checksum verified").waitFor();
    expect(await page.getByRole("gridcell").allTextContents()).toEqual(texts);
  }
  await page.goto(`${viewer.url}${addressOf("m", "specials")}`);
  expect(await page.locator(".grid-cell.nan").count()).toBeGreaterThan(0);
  expect(takeFailures()).toEqual([]);
});

test("keys move through a grid, which tells rows, columns and the active cell", async () => {
  const page = await viewer.open(addressOf("m", "matrix"));
  const grid = page.getByRole("grid", { name: "Elements" });
  await grid.focus();
  await cellAt(page, 0, 0).getByText("0.0").waitFor();
  expect(await grid.getAttribute("aria-rowcount")).toBe("5001");
  expect(await grid.getAttribute("aria-colcount")).toBe("41");
  const activeText = async () => {
    const id = await grid.getAttribute("aria-activedescendant");
    return page.locator(`[id="${id}"]`).textContent();
  };
  const press = async (keys: readonly string[], value: string) => {
    for (const key of keys) await page.keyboard.press(key);
    await page.getByRole("status").getByText(value, { exact: true }).or(page.getByText(value)).first().waitFor();
    await expect.poll(activeText).toBe(value);
  };
  await press(["ArrowDown", "ArrowRight"], "41.0");
  await press(["Control+End"], "199999.0");
  await press(["Home"], "199960.0");
  await press(["Control+Home"], "0.0");
  await press(["End"], "39.0");
  await press(["PageDown", "PageUp"], "39.0");
  await page.getByLabel("Go to").fill("1234, 5");
  await page.getByLabel("Go to").press("Enter");
  await expect.poll(activeText).toBe(`${1234 * 40 + 5}.0`);
  await page.getByLabel("Go to").fill("9999999");
  await page.getByLabel("Go to").press("Enter");
  await page.getByText("Axis 0 has the positions 0 to 4999").waitFor();
  expect(takeFailures()).toEqual([]);
});

test("axes, positions and slices are picked, and stand in the address", async () => {
  const page = await viewer.open(addressOf("m", "cube"));
  await cellAt(page, 2, 3).getByText("11.0").waitFor();
  await page.getByLabel("Axis 0, 0 to 1").fill("1");
  await cellAt(page, 2, 3).getByText("23.0").waitFor();
  expect(page.url()).toContain(`slice=${encodeURIComponent("1:2,:,:")}`);
  await page.getByLabel("Rows").selectOption("2");
  await page.getByLabel("Columns").selectOption("1");
  await cellAt(page, 3, 2).getByText("23.0").waitFor();
  await page.reload();
  await cellAt(page, 3, 2).getByText("23.0").waitFor();
  await page.getByLabel("Slice", { exact: true }).last().fill("0:1,1:3,2:4");
  await page.keyboard.press("Enter");
  await cellAt(page, 0, 0).getByText("6.0").waitFor();
  expect(await page.getByRole("grid").getAttribute("aria-rowcount")).toBe("3");
  await page.getByLabel("Slice", { exact: true }).last().fill("7:8,:");
  await page.keyboard.press("Enter");
  await page.getByText("selects nothing of dimension 0").waitFor();
  expect(takeFailures()).toEqual([]);
});

test("5 GiB are opened with less than 1 MiB, and scrolled to the end", async () => {
  for (const [prefix, last] of [
    ["large", [1_310_719, 1023]],
    ["wide", [79, (16 << 20) - 1]],
  ] as const) {
    viewer.bytesServed();
    const page = await viewer.open(addressOf(prefix, "large"));
    await cellAt(page, 0, 0).getByText("0.0").waitFor();
    await cellAt(page, 9, 2).getByText("0.0").waitFor();
    const bytes = viewer.bytesServed();
    expect(bytes).toBeLessThan(1 << 20);
    await page.getByRole("grid").focus();
    await page.keyboard.press("Control+End");
    await cellAt(page, last[0], last[1]).getByText("0.0").waitFor();
    await page.mouse.move(900, 500);
    await page.mouse.wheel(0, -240);
    await cellAt(page, last[0] - 15, last[1]).waitFor();
    expect(await page.getByText("checksum not verified").count()).toBe(1);
    await page.close();
  }
  expect(takeFailures()).toEqual([]);
});

test("rows that fly by are not read, and those where the scrolling ends are", async () => {
  const page = await viewer.open(addressOf("large", "large"));
  await cellAt(page, 9, 2).getByText("0.0").waitFor();
  viewer.bytesServed();
  const grid = page.getByRole("grid");
  await grid.evaluate(
    (element) =>
      new Promise<void>((resolve) => {
        let frames = 0;
        requestAnimationFrame(function step() {
          element.scrollTop += 720;
          if (++frames < 60) requestAnimationFrame(step);
          else resolve();
        });
      }),
  );
  await expect.poll(() => page.locator(".grid-cell.missing").count()).toBe(0);
  // Read at every screen on the way, they would be 4 MB.
  expect(viewer.bytesServed()).toBeLessThan(1 << 20);
  expect(takeFailures()).toEqual([]);
});

test("a selection is copied as rows with tabs, or as JSON", async () => {
  const page = await viewer.open(addressOf("m", "matrix"));
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("grid").focus();
  await cellAt(page, 0, 0).getByText("0.0").waitFor();
  for (const key of ["Shift+ArrowDown", "Shift+ArrowRight", "Control+c"]) await page.keyboard.press(key);
  await page.getByText("Copied 2 × 2 as TSV").waitFor();
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  expect(await clipboard()).toBe("0.0\t1.0\n40.0\t41.0");
  await page.getByRole("button", { name: "Copy as JSON" }).click();
  await page.getByText("Copied 2 × 2 as JSON").waitFor();
  expect(JSON.parse(await clipboard())).toEqual([
    [0, 1],
    [40, 41],
  ]);
  await page.getByRole("button", { name: "Copy name" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  expect(await clipboard()).toBe("matrix");
});

test("strings are text or hex, cut in their cells, and seen whole below", async () => {
  const page = await viewer.open(addressOf("m", "words"));
  await cellAt(page, 0, 0).getByText('"hi\\u202e"').waitFor();
  expect(await cellAt(page, 1, 0).textContent()).toMatch(/… \(1,000 bytes\)$/);
  await cellAt(page, 1, 0).click();
  expect((await page.locator(".whole-string pre").textContent()) ?? "").toBe("A".repeat(1000));
  await page.getByLabel("Strings as").selectOption("hex");
  await cellAt(page, 0, 0).getByText("68 69 e2 80 ae").waitFor();
});
