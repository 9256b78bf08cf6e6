import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toNpy } from "@tfsaver/checkpoint-tools";
import { beforeAll, expect, test } from "vitest";
import { goldensFolder } from "../../../fixtures/files.js";
import { startViewer, takeFailures } from "../browser.js";
import { writeLargeTensor, writeUnknownDtype } from "../checkpoints.js";
import { temporaryFolder } from "../temporary-folder.js";
import { addressOf, cellAt, floats, writeTensors } from "./tensors.js";

const folder = temporaryFolder();
const viewer = startViewer(folder);
const matrix = floats([300, 7], (place) => place / 8);
const middle = floats([5, 1 << 20], (place) => place);

beforeAll(async () => {
  await writeTensors(join(folder, "m"), { empty: floats([0, 4], () => 0), matrix });
  await writeTensors(join(folder, "middle"), { middle });
  await writeTensors(join(folder, "damaged"), { matrix });
  const data = join(folder, "damaged.data-00000-of-00001");
  const bytes = readFileSync(data);
  bytes[5] = 255 - (bytes[5] as number);
  writeFileSync(data, bytes);
  await writeLargeTensor(folder, "large", [1_310_720, 1024]);
  await writeUnknownDtype(folder, "unknown");
  for (const name of readdirSync(join(goldensFolder, "corrupt"))) {
    copyFileSync(join(goldensFolder, "corrupt", name), join(folder, name));
  }
  for (const name of ["two-axis.index", "two-axis.data-00000-of-00001"]) {
    copyFileSync(join(goldensFolder, "v2-partitioned", name), join(folder, name));
  }
});

test("a tensor says where it lies, and that its checksum was verified", async () => {
  const page = await viewer.open(addressOf("m", "matrix"));
  await page.getByText("checksum verified").waitFor();
  await page.getByText("m.data-00000-of-00001, offset 0, 8.2 KiB").waitFor();
  await page.getByText("2,100 parameters").waitFor();
});

test("a tensor that is read in parts is verified when asked for", async () => {
  const page = await viewer.open(addressOf("middle", "middle"));
  await page.getByText("checksum not verified").waitFor();
  await page.getByRole("button", { name: "Verify", exact: true }).click();
  await page.getByText("checksum verified").waitFor();
  expect(takeFailures()).toEqual([]);
});

test("verifying 5 GiB asks first", async () => {
  const page = await viewer.open(addressOf("large", "large"));
  await page.getByRole("button", { name: "Verify", exact: true }).click();
  await page.getByRole("dialog", { name: "Verify large" }).getByRole("button", { name: "Cancel" }).click();
  await page.getByText("checksum not verified").waitFor();
});

test("a damaged tensor says what is wrong, and its numbers can be seen nevertheless", async () => {
  const page = await viewer.open(addressOf("damaged", "matrix"));
  await page.getByText("This tensor is damaged").waitFor();
  await page
    .getByText(/Checksum does not match/i)
    .first()
    .waitFor();
  await page.getByRole("button", { name: "Show what is stored, without verifying it" }).click();
  await cellAt(page, 1, 0).getByText("0.875").waitFor();
  expect(await page.locator(".checksum").textContent()).toBe("damaged");
  expect(takeFailures()).toEqual([]);
});

test("a tensor of an unknown dtype shows its bytes, and the other tensors can be read", async () => {
  const page = await viewer.open("?served=unknown#tensors");
  await page.getByText("1 entry can't be read").click();
  await page.getByRole("button", { name: "strange" }).click();
  await page.getByText("Entry for key strange not parseable").first().waitFor();
  await page.getByText("dtype 99", { exact: true }).waitFor();
  await page.getByText("unknown.data-00000-of-00001, offset 8").waitFor();
  expect(await page.getByRole("group", { name: "Bytes" }).textContent()).toContain("68 65 6c 6c 6f 21");
  await page.getByRole("treeitem", { name: "fine" }).click();
  await cellAt(page, 1, 0).getByText("2.0").waitFor();
  expect(takeFailures()).toEqual([]);
});

test("shapes that lie, and entries of garbage, are told as what they are", async () => {
  for (const [name, tensor, said] of [
    ["entry-garbage", "alpha", /not parseable/],
    ["entry-negative-dim", "alpha", /shape|dimension/i],
    ["entry-past-end", "alpha", /end|bytes/],
    ["entry-wrong-size", "alpha", /size/i],
    ["data-truncated", "gamma", /bytes|truncated/],
  ] as const) {
    const page = await viewer.open(`?served=${name}#tensors?tensor=${tensor}`);
    await page.locator(".problem").filter({ hasText: said }).first().waitFor();
    expect(await page.getByText("is not here").count()).toBe(0);
    await page.close();
  }
  expect(takeFailures()).toEqual([]);
});

test("a tensor without elements says so", async () => {
  const page = await viewer.open(addressOf("m", "empty"));
  await page.getByText("This tensor has no elements.").waitFor();
});

test("a tensor is downloaded as the NumPy file that it is", async () => {
  const page = await viewer.open(addressOf("m", "matrix"));
  await page.evaluate(() => {
    Object.assign(window, { showSaveFilePicker: undefined });
  });
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download .npy" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe("matrix.npy");
  expect(readFileSync(await file.path())).toEqual(Buffer.concat(toNpy(matrix)));
});

test("a download streams into a file that the browser writes, and leaves none of a damaged tensor", async () => {
  const page = await viewer.open(addressOf("middle", "middle"));
  const stub = () =>
    page.evaluate(() => {
      const log = { bytes: 0, largest: 0, end: "" };
      const writable = {
        write: async (chunk: Uint8Array) => {
          log.bytes += chunk.length;
          log.largest = Math.max(log.largest, chunk.length);
        },
        close: async () => {
          log.end = "closed";
        },
        abort: async () => {
          log.end = "aborted";
        },
      };
      Object.assign(window, { log, showSaveFilePicker: async () => ({ createWritable: async () => writable }) });
    });
  const log = () => page.evaluate(() => (window as unknown as { log: Record<string, unknown> }).log);
  await stub();
  await page.getByRole("button", { name: "Download .npy" }).click();
  const total = Buffer.concat(toNpy(middle)).length;
  await expect.poll(log).toMatchObject({ bytes: total, end: "closed" });
  expect((await log()).largest).toBeLessThanOrEqual(4 << 20);
  await page.goto(`${viewer.url}${addressOf("damaged", "matrix")}`);
  await page.getByText("This tensor is damaged").waitFor();
  await stub();
  await page.getByRole("button", { name: "Download .npy" }).click();
  await expect.poll(log).toMatchObject({ end: "aborted" });
  await page.getByText("Not downloaded").waitFor();
});

test("a partitioned variable says where each of its slices lies", async () => {
  const page = await viewer.open(addressOf("two-axis", "grid"));
  await page.getByText(/Stored in \d+ slices/).click();
  const rows = page.getByRole("group", { name: "Slices" }).locator("tbody tr");
  expect(await rows.count()).toBe(4);
  expect(await rows.first().locator("th, td").allTextContents()).toHaveLength(4);
});
