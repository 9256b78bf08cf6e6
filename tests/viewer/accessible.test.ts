import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { goldensFolder } from "../../fixtures/files.js";
import { accessibilityProblems } from "./accessible.js";
import { drop, startViewer } from "./browser.js";

const viewer = startViewer();
const ADDRESSES = {
  start: "",
  overview: "?served=#overview",
  tensors: "?served=#tensors?tensor=dense1%2Fkernel",
  search: "?served=#tensors?q=kernel",
  compare: "?served=#compare",
  graph: "?served=#graph",
  "a missing tensor": "?served=#tensors?tensor=missing",
} as const;

describe.each([
  ["light", 1280],
  ["dark", 1280],
  ["light", 390],
] as const)("axe finds nothing in %s colors, %d pixels wide:", (colorScheme, width) => {
  test.each(Object.entries(ADDRESSES))("%s", async (_, address) => {
    const page = await viewer.open(address.replace("served=", "served=v2-with-meta"));
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    if (address !== "") await page.getByRole("tab", { selected: true }).first().waitFor();
    await page.locator(".working").first().waitFor({ state: "detached" });
    expect(await accessibilityProblems(page)).toEqual([]);
    // Nothing is cut off at the side.
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
});

test("axe finds nothing in a dialog", async () => {
  const page = await viewer.open("?served=v2-with-meta#overview");
  await page.getByRole("button", { name: "Open …" }).click();
  await page.getByRole("dialog").waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
});

test("axe finds nothing in what is said about a failure", async () => {
  const page = await viewer.open();
  await drop(page, [join(goldensFolder, "v2-with-meta/model.ckpt-7.data-00000-of-00001")]);
  await page.getByRole("alert").first().waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
});
