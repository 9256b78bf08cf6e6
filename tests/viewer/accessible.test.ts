import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Page } from "playwright";
import { describe, expect, test } from "vitest";
import { goldensFolder } from "../../fixtures/files.js";
import { drop, startViewer } from "./browser.js";

const viewer = startViewer();
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Returns what axe finds on a page, shadow roots included. */
async function violations(page: Page): Promise<string[]> {
  // Through the protocol of the browser, because the page forbids scripts that are written into it.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
    expression: `axe.run(document).then(({ violations }) => JSON.stringify(violations.map(({ id, nodes }) =>
      id + ": " + nodes.slice(0, 3).map(({ html, failureSummary }) => html.slice(0, 200) + " " + failureSummary).join(" | "))))`,
    awaitPromise: true,
  });
  if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text);
  return JSON.parse(result.value as string) as string[];
}

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
    expect(await violations(page)).toEqual([]);
    // Nothing is cut off at the side.
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
});

test("axe finds nothing in a dialog", async () => {
  const page = await viewer.open("?served=v2-with-meta#overview");
  await page.getByRole("button", { name: "Open …" }).click();
  await page.getByRole("dialog").waitFor();
  expect(await violations(page)).toEqual([]);
});

test("axe finds nothing in what is said about a failure", async () => {
  const page = await viewer.open();
  await drop(page, [join(goldensFolder, "v2-with-meta/model.ckpt-7.data-00000-of-00001")]);
  await page.getByRole("alert").first().waitFor();
  expect(await violations(page)).toEqual([]);
});
