import { join } from "node:path";
import { expect, test } from "vitest";
import { goldensFolder } from "../../fixtures/files.js";
import { drop, startViewer, takeFailures } from "./browser.js";

const viewer = startViewer();

test("a dropped folder is opened, its tensors are listed, and a click shows numbers", async () => {
  const page = await viewer.open();
  await page.getByText("Drop a checkpoint here").waitFor();
  await drop(page, [join(goldensFolder, "v2-with-meta")]);
  await page.getByRole("tab", { name: "Tensors" }).click();
  await page.getByRole("treeitem", { name: "dense1" }).click();
  await page.getByRole("treeitem", { name: "kernel" }).first().click();
  await page.getByText("checksum verified").waitFor();
  expect(await page.locator("pre").textContent()).toContain("[");
  expect(page.url()).toContain("tensor=dense1%2Fkernel");
  expect(takeFailures()).toEqual([]);
});

test("a checkpoint on a server is opened by ?url=", async () => {
  const page = await viewer.open("?url=files/v2-with-meta/model.ckpt-7#tensors?tensor=dense1%2Fkernel");
  await page.getByText("checksum verified").waitFor();
  expect(takeFailures()).toEqual([]);
});
