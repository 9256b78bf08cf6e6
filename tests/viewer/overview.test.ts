import { cpSync, openSync, rmSync, utimesSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { writeSafetensors } from "@tfsaver/interchange/safetensors";
import { afterEach, describe, expect, test } from "vitest";
import { goldensFolder } from "../../fixtures/files.js";
import { accessibilityProblems } from "./accessible.js";
import { drop, startViewer, takeFailures } from "./browser.js";
import { writeLargeTensor } from "./checkpoints.js";
import { temporaryFolder } from "./temporary-folder.js";

const viewer = startViewer();
const folder = temporaryFolder();

afterEach(() => expect(takeFailures()).toEqual([]));

/** Copies a golden, so that it can be damaged. */
function copyOf(golden: string, name: string): string {
  cpSync(join(goldensFolder, golden), join(folder, name), { recursive: true });
  return join(folder, name);
}

describe("the overview", () => {
  test("draws the checkpoints on a line by step or time, and says which are latest, shown and damaged", async () => {
    const copy = copyOf("v2-with-meta", "<img src=x>drawn");
    rmSync(join(copy, "model.ckpt-6.data-00000-of-00001"));
    for (const [i, step] of [5, 6, 7].entries()) {
      const time = new Date(Date.UTC(2026, 0, 1 + i * i));
      utimesSync(join(copy, `model.ckpt-${step}.index`), time, time);
    }
    const page = await viewer.open();
    await drop(page, [copy]);
    const picture = page.getByRole("img", { name: "Checkpoints by step, from 5 to 7; the table says the same" });
    await picture.waitFor();
    const places = () =>
      page.locator(".timeline-track .mark").evaluateAll((all) => all.map((one) => one.getAttribute("x")));
    expect(await places()).toEqual(["0%", "50%", "100%"]);
    expect(await page.locator(".timeline-track .mark circle.shown").count()).toBe(1);
    await page.getByLabel("Along").selectOption("time");
    await expect.poll(places).toEqual(["0%", "25%", "100%"]);
    expect(page.url()).toContain("along=time");
    await page.getByRole("button", { name: "Check which are whole" }).click();
    await page.locator(".timeline-track .mark.damaged").waitFor();
    await expect.poll(() => page.locator(".timeline-track .mark.whole").count()).toBe(2);
    await page.locator(".timeline-track .mark").first().click();
    await page.getByRole("heading", { name: /model\.ckpt-5$/ }).waitFor();
    expect(await page.locator("img").count()).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test("shows totals, dtypes, and the checkpoints of the folder with what the state file says of them", async () => {
    const page = await viewer.open();
    await drop(page, [join(goldensFolder, "v2-with-meta")]);
    await page.getByText("All files are here").waitFor();
    const rows = page.locator(".timeline tbody tr");
    expect(await rows.locator("td:nth-of-type(1)").allTextContents()).toEqual(["5", "6", "7"]);
    expect(await rows.last().textContent()).toContain("latest");
    await page.getByRole("button", { name: "model.ckpt-5" }).click();
    await page.getByRole("heading", { name: "v2-with-meta/model.ckpt-5" }).waitFor();
    expect(page.url()).toContain("checkpoint=v2-with-meta%2Fmodel.ckpt-5");
    await page.goBack();
    await page.getByRole("heading", { name: "v2-with-meta/model.ckpt-7" }).waitFor();
  });

  test("says which checkpoints of a folder are whole", async () => {
    const copy = copyOf("v2-with-meta", "not-whole");
    rmSync(join(copy, "model.ckpt-6.data-00000-of-00001"));
    // A file of another format has nothing that can be checked.
    await using reader = await openCheckpoint(join(copy, "model.ckpt-7"));
    await writeSafetensors(reader, join(copy, "other.safetensors"));
    const page = await viewer.open();
    await drop(page, [copy]);
    await page.getByRole("button", { name: "Check which are whole" }).click();
    const files = page.locator(".timeline tbody tr td:last-child");
    await expect.poll(() => files.allTextContents()).toEqual(["whole", "damaged", "whole", ""]);
    await page.getByRole("button", { name: "not-whole/model.ckpt-6" }).click();
    await page.getByText("model.ckpt-6.data-00000-of-00001").first().waitFor();
  });
});

test("verify-all finds damage, and marks it in the tree and in the address of the tensor", async () => {
  const copy = copyOf("v2-with-meta", "damaged");
  const file = openSync(join(copy, "model.ckpt-7.data-00000-of-00001"), "r+");
  writeSync(file, Uint8Array.of(0xff, 0xff), 0, 2, 0);
  const page = await viewer.open();
  await drop(page, [copy]);
  await page.getByRole("button", { name: /^Verify every checksum/ }).click();
  await page.getByText("Damaged: 1 problem").waitFor();
  await page.locator(".health .problem .link").first().click();
  await page.getByRole("tree").waitFor();
  await page.getByRole("treeitem", { name: /damaged/ }).waitFor();
  await page.getByRole("tab", { name: "Overview" }).click();
  await expect.poll(() => page.locator(".timeline tbody tr td:last-child").last().textContent()).toBe("damaged");
  await page.locator(".timeline-track .mark.damaged").waitFor();
  await page.getByRole("tab", { name: "Tensors" }).click();
  // The other tensors of the checkpoint can still be read.
  await page.getByRole("treeitem", { name: /^global_step/ }).click();
  await page.getByRole("heading", { name: "global_step" }).waitFor();
});

test("verify-all of a good checkpoint says so", async () => {
  const page = await viewer.open("?served=v2-with-meta/model.ckpt-7");
  await page.getByRole("button", { name: /^Verify every checksum/ }).click();
  await page.getByText("Every checksum is right: 15 tensors").waitFor();
});

describe("what is read", () => {
  test("is counted: opening a tensor of 5 GiB reads less than 1 MiB", async () => {
    await writeLargeTensor(join(folder, "large"), "large.ckpt-1", [40960, 32768]);
    const page = await viewer.open("#tensors?tensor=large");
    await drop(page, [join(folder, "large")]);
    await page.getByRole("heading", { name: "large" }).waitFor();
    await page.getByText("5.0 GiB").first().waitFor();
    await page.locator(".working").first().waitFor({ state: "detached" });
    const badge = await page.getByTitle("Read so far").textContent();
    expect(badge).toMatch(/^\d+ reads, [\d.]+ (B|KiB)$/);
  });

  test("is asked for before, if it is more than 64 MiB, and can be stopped", async () => {
    await writeLargeTensor(join(folder, "asks"), "large.ckpt-1", [8192, 32768]);
    const page = await viewer.open();
    await drop(page, [join(folder, "asks")]);
    const verify = page.getByRole("button", { name: /^Verify every checksum/ });
    await verify.click();
    const dialog = page.getByRole("dialog", { name: "Verify the whole checkpoint" });
    expect(await dialog.textContent()).toContain("1.0 GiB");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await page.getByTitle("Read so far").textContent()).not.toContain("GiB");
    await verify.click();
    await dialog.getByRole("button", { name: /^Read/ }).click();
    await page.getByRole("button", { name: "Stop" }).click();
    await verify.waitFor();
  });
});
