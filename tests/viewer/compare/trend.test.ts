import type { Page } from "playwright";
import { expect, test } from "vitest";
import { accessibilityProblems } from "../accessible.js";
import { drop, startViewer, takeFailures } from "../browser.js";
import { runFolder } from "./run-folder.js";

const run = runFolder();
const viewer = startViewer();

async function openTrend(): Promise<Page> {
  const page = await viewer.open();
  await drop(page, [run.path]);
  await page.getByRole("tab", { name: "Compare" }).click();
  await page.getByRole("tab", { name: "One tensor over all steps" }).click();
  return page;
}

async function tableOf(page: Page): Promise<string[]> {
  const rows = await page.getByRole("region", { name: "Statistics by checkpoint" }).getByRole("row").allTextContents();
  return rows.map((text) => text.replace(/\s+/g, " "));
}

test("the statistics of a tensor over all steps are lines and a table; a damaged step says so", async () => {
  const page = await openTrend();
  await page.getByRole("option", { name: /dense\/kernel/ }).click();
  await page.getByText("5 checkpoints", { exact: true }).waitFor();
  const rows = await tableOf(page);
  expect(rows).toHaveLength(6);
  expect(rows[2]).toContain("0.3623-0.70.720.0800");
  expect(rows[4]).toContain("model.ckpt-4.data-00000-of-00001");
  for (const title of ["Values", "Deviation", "Norm", "Not finite"]) {
    await page
      .getByRole("img", { name: new RegExp(`^${title} by step`) })
      .locator("canvas")
      .waitFor();
  }
  expect(page.url()).toContain("mode=trend");
  expect(takeFailures()).toEqual([]);
});

test("a step without the tensor says so, and NaN is counted", async () => {
  const page = await openTrend();
  await page.getByLabel("Search tensors").fill("added");
  await page.getByRole("option", { name: /added\/kernel/ }).click();
  await page.getByText("5 checkpoints", { exact: true }).waitFor();
  const rows = await tableOf(page);
  expect(rows[1]).toBe("1has no such tensor");
  expect(rows[2]).toBe("22022210");
  expect(takeFailures()).toEqual([]);
});

test("axe finds nothing, wide and narrow", async () => {
  const page = await openTrend();
  await page.getByRole("option", { name: /dense\/kernel/ }).click();
  await page.getByText("5 checkpoints", { exact: true }).waitFor();
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    expect(await accessibilityProblems(page)).toEqual([]);
  }
});
