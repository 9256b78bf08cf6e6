import type { Page } from "playwright";
import { expect, test } from "vitest";
import { accessibilityProblems } from "../accessible.js";
import { drop, startViewer, takeFailures } from "../browser.js";
import { HOSTILE_NAME, runFolder } from "./run-folder.js";

const run = runFolder();
const viewer = startViewer(run.path);

/** Drops the folder, and compares step 1 with step 2. */
async function compareSteps(): Promise<Page> {
  const page = await viewer.open();
  await drop(page, [run.path]);
  await page.getByRole("tab", { name: "Compare" }).click();
  await page.getByLabel("After", { exact: true }).selectOption({ label: optionOf(page, 2) });
  await page.getByLabel("Before", { exact: true }).selectOption({ label: optionOf(page, 1) });
  await page.getByRole("option", { name: "gone" }).waitFor();
  return page;
}

function optionOf(_: Page, step: number): string {
  return `${run.path.split("/").at(-1)}/model.ckpt-${step}`;
}

/** Returns the texts of the rows. */
async function rowsOf(page: Page): Promise<string[]> {
  const texts = await page.getByRole("listbox").getByRole("option").allTextContents();
  return texts.map((text) => text.replace(/\s+/g, " ").trim());
}

test("names, dtypes and shapes are compared at once, without reading data", async () => {
  const page = await compareSteps();
  const rows = await rowsOf(page);
  for (const row of [
    /^added.*added\/kernel.*float32 \[2\]/,
    /^removed.*gone.*float32 \[1\]/,
    /^changed.*cast\/weights.*float32 → float64 \[2\]/,
    /^changed.*reshaped.*float32 \[4\] → \[2,2\]/,
    /^not compared.*dense\/bias/,
  ]) {
    expect(rows.filter((text) => row.test(text))).toHaveLength(1);
  }
  expect(takeFailures()).toEqual([]);
});

test("values tell what is equal, changed and renamed; rows are filtered, searched, and sorted by difference", async () => {
  const page = await compareSteps();
  await page.getByRole("button", { name: /^Compare values, / }).click();
  await page.getByRole("option", { name: /renamed old_name\/moving_mean → new_name\/moving_mean/ }).waitFor();
  expect((await rowsOf(page)).some((text) => text.startsWith("equal"))).toBe(false);
  await page.getByLabel("Order").selectOption("Largest difference first");
  expect((await rowsOf(page)).slice(0, 3).join("; ")).toMatch(
    /± 1.*; .*± 1.*; .*dense\/kernel.*± 0\.2.*84\.38 % equal/,
  );
  for (const name of ["changed", "added", "removed", "renamed"]) {
    await page.getByRole("button", { name: new RegExp(`^${name} \\d`) }).click();
  }
  await page.getByRole("button", { name: /^equal \d/ }).click();
  expect((await rowsOf(page)).join("; ")).toMatch(/^equaldense\/biasfloat32 \[3\]/);
  await page.getByLabel("Search names").fill("nothing like it");
  await page.getByText("Nothing matches.").waitFor();
  expect(takeFailures()).toEqual([]);
});

test("an address shows the same to somebody else: checkpoints, values, order and tensor", async () => {
  const seen = {
    checkpoint: "model.ckpt-2",
    against: "model.ckpt-1",
    values: "yes",
    order: "largest",
    changes: "changed",
  };
  const address = new URLSearchParams({ ...seen, tensor: "dense/kernel", scale: "log" });
  const page = await viewer.open(`?served=#compare?${address}`);
  await page.getByRole("region", { name: "How the tensor differs" }).getByText("84.38 %").waitFor();
  expect(await page.getByLabel("Log scale").isChecked()).toBe(true);
  expect((await rowsOf(page)).join("; ")).toMatch(/± 1.*; .*± 1.*; changed.*dense\/kernel.*± 0\.2.*; changed/);
  expect(takeFailures()).toEqual([]);
});

test("two tensors are compared by statistics, histograms over each other, and a picture of the difference", async () => {
  const page = await compareSteps();
  await page.getByRole("option", { name: /dense\/kernel/ }).click();
  const pair = page.getByRole("region", { name: "How the tensor differs" });
  await pair.getByText("84.38 %").waitFor();
  const rows = await pair.getByRole("row").allTextContents();
  expect(rows).toContain("deviation0.35350.36230.07906");
  await pair.getByRole("img", { name: "Histograms of the values before and after" }).locator("canvas").waitFor();
  await pair.getByRole("img", { name: "Histogram of the differences" }).locator("canvas").waitFor();
  const picture = pair.getByRole("img", { name: /^Differences of 64 rows and 48 columns, up to 0\.2/ });
  const colors = await picture.evaluate((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const { data } = (canvas as HTMLCanvasElement).getContext("2d")?.getImageData(0, 0, width, height) ?? {};
    return new Set(Array.from({ length: width * height }, (_, i) => data?.slice(4 * i, 4 * i + 3).join(" "))).size;
  });
  // Less, equal and more.
  expect(colors).toBe(3);
  await pair.getByLabel("Log scale").check();
  expect(page.url()).toContain("scale=log");
  expect(takeFailures()).toEqual([]);
});

test("tensors that can't be compared by element say so: other shapes, strings, and those of one checkpoint", async () => {
  const page = await compareSteps();
  const pair = page.getByRole("region", { name: "How the tensor differs" });
  await page.getByRole("option", { name: /reshaped/ }).click();
  await pair.getByText("can't be compared one by one").waitFor();
  await pair.getByRole("img", { name: "Histograms of the values before and after" }).waitFor();
  await page.getByRole("option", { name: /words/ }).click();
  await pair.getByText("1 of 2").waitFor();
  await page.getByRole("option", { name: /gone/ }).click();
  await pair.getByRole("button", { name: "Show its numbers" }).click();
  await page.waitForURL(/#tensors\?.*tensor=gone/);
  expect(takeFailures()).toEqual([]);
});

test("the keyboard alone compares, and a hostile name is text", async () => {
  const page = await compareSteps();
  await page.getByLabel("Search names").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("End");
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "<img src=x onerror=alert(1)>/\\u202egnp" }).waitFor();
  expect(new URL(page.url()).hash).toContain(new URLSearchParams({ tensor: HOSTILE_NAME }).toString());
  expect(await page.locator("img").count()).toBe(0);
  expect(takeFailures()).toEqual([]);
});

test("damage is said where it is: in the whole comparison, and for the tensor", async () => {
  const page = await compareSteps();
  await page.getByLabel("After", { exact: true }).selectOption({ label: optionOf(page, 4) });
  await page.getByRole("button", { name: /^Compare values, / }).click();
  // The others are compared.
  await page.getByRole("option", { name: /^damaged ?dense\/kernel/ }).click();
  await page.getByText("These tensors can't be compared").waitFor();
  expect(await page.getByRole("alert").first().textContent()).toContain("model.ckpt-4.data-00000-of-00001");
  expect(takeFailures()).toEqual([]);
});

test("axe finds nothing, light and dark, wide and narrow", async () => {
  const page = await compareSteps();
  await page.getByRole("button", { name: /^Compare values, / }).click();
  await page.getByRole("option", { name: /dense\/kernel/ }).click();
  await page.getByText("Where they differ").waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      expect(await accessibilityProblems(page)).toEqual([]);
    }
  }
});
