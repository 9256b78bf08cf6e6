import { beforeAll, expect, test } from "vitest";
import { drop, startViewer, takeFailures } from "../browser.js";
import { writeLargeTensor } from "../checkpoints.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const viewer = startViewer();

beforeAll(async () => {
  // 2 GiB each, of which nothing is on the disk.
  for (const step of [1, 2]) await writeLargeTensor(folder, `model.ckpt-${step}`, [16384, 32768]);
});

test("values, a tensor and a trend of 4 GiB are read only after a yes, and can be stopped", async () => {
  const page = await viewer.open();
  await drop(page, [folder]);
  await page.getByRole("tab", { name: "Compare" }).click();
  const compare = page.getByRole("button", { name: "Compare values, 4.0 GiB" });
  const dialog = page.getByRole("dialog");
  await compare.click();
  await dialog.getByText("4.0 GiB").first().waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await compare.click();
  await dialog.getByRole("button", { name: "Read 4.0 GiB" }).click();
  await page.getByRole("progressbar").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await compare.waitFor();

  await page.getByRole("option", { name: /large/ }).click();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Compare, 4.0 GiB" }).click();
  await dialog.getByRole("button", { name: "Read 4.0 GiB" }).click();
  await page.getByRole("progressbar").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Compare, 4.0 GiB" }).waitFor();

  await page.getByRole("tab", { name: "One tensor over all steps" }).click();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Read 2 checkpoints, about 4.0 GiB" }).click();
  await dialog.getByRole("button", { name: "Read 4.0 GiB" }).click();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Read 2 checkpoints, about 4.0 GiB" }).waitFor();
  const badge = (await page.locator(".badge").first().textContent()) as string;
  expect(badge).not.toContain("GiB");
  expect(takeFailures()).toEqual([]);
});
