import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { makeTensor } from "@tfsaver/core";
import { openNpz, writeNpz } from "@tfsaver/interchange/npz";
import { writeSafetensors } from "@tfsaver/interchange/safetensors";
import { beforeAll, describe, expect, test } from "vitest";
import { startViewer, takeFailures } from "../browser.js";
import { temporaryFolder } from "../temporary-folder.js";
import { addressOf, cellAt, floats, writeTensors } from "./tensors.js";

const folder = temporaryFolder();
const viewer = startViewer(folder);

const LARGE = { shape: [1_310_720, 1024], bytes: 5 * 2 ** 30 } as const;

/** 78 MiB, nearly all zeros. */
const middle = makeTensor("float32", [20_000, 1024], new Float32Array(20_000 * 1024));
(middle.data as Float32Array)[5 * 1024 + 2] = 5122;

beforeAll(async () => {
  await writeTensors(join(folder, "m"), {
    matrix: floats([300, 7], (place) => place / 8),
    middle,
  });
  await using reader = await openCheckpoint(join(folder, "m"));
  await writeSafetensors(reader, join(folder, "m.safetensors"));
  await writeNpz(reader, join(folder, "m.npz"));
  await writeNpz(reader, join(folder, "packed.npz"), { compress: true });
  const entry = { dtype: "F32", shape: LARGE.shape, data_offsets: [0, LARGE.bytes] };
  const header = Buffer.from(JSON.stringify({ large: entry }));
  const length = Buffer.alloc(8);
  length.writeUInt32LE(header.length);
  writeSparse("large.safetensors", [length, header], LARGE.bytes);
  mkdirSync(join(folder, "web"));
  const weights = [{ name: "large", dtype: "float32", shape: LARGE.shape }];
  writeFileSync(
    join(folder, "web/model.json"),
    JSON.stringify({ weightsManifest: [{ paths: ["large.bin"], weights }] }),
  );
  writeSparse("web/large.bin", [], LARGE.bytes);
});

/** Writes a file that ends with zeros, which take no room on the disk. */
function writeSparse(name: string, start: readonly Uint8Array[], zeros: number): void {
  const file = openSync(join(folder, name), "w");
  for (const bytes of start) writeSync(file, bytes);
  ftruncateSync(
    file,
    start.reduce((sum, { length }) => sum + length, zeros),
  );
  closeSync(file);
}

describe("a file of another format", () => {
  test.each(["m.safetensors", "m.npz", "packed.npz"])("shows its numbers: %s", async (name) => {
    const page = await viewer.open(addressOf(name, "matrix"));
    await cellAt(page, 1, 2).getByText("1.125").waitFor();
    await page.getByText(name === "m.safetensors" ? "no checksum in this format" : "checksum verified").waitFor();
    await page.getByRole("tab", { name: "Heat map" }).click();
    await page.getByText("row 0, column 0: 0.0").waitFor();
    expect(takeFailures()).toEqual([]);
  });

  test.each(["large.safetensors", "web/model.json"])("of 5 GiB reads only what is seen: %s", async (name) => {
    viewer.bytesServed();
    const page = await viewer.open(addressOf(name, "large"));
    await cellAt(page, 9, 2).getByText("0.0").waitFor();
    expect(viewer.bytesServed()).toBeLessThan(1 << 20);
    await page.getByRole("grid").focus();
    await page.keyboard.press("Control+End");
    await cellAt(page, 1_310_719, 1023).getByText("0.0").waitFor();
    await page.getByLabel("Slice", { exact: true }).last().fill("700000:700010,5:6");
    await page.keyboard.press("Enter");
    await cellAt(page, 9, 0).getByText("0.0").waitFor();
    expect(viewer.bytesServed()).toBeLessThan(2 << 20);
    await page.getByRole("tab", { name: "Statistics" }).click();
    await page.getByText(/^This reads all of the tensor: 5/).waitFor();
    await page.goto(`${viewer.url}${addressOf(name, "large", { tab: "picture" })}`);
    await page.getByText("A sample: not all elements were read.").waitFor();
    expect(viewer.bytesServed()).toBeLessThan(9 << 20);
    expect(takeFailures()).toEqual([]);
  });

  test("gives parts of an array of an npz file that is not packed, and asks before it reads a packed one whole", async () => {
    const served: number[] = [];
    for (const name of ["m.npz", "packed.npz"]) {
      viewer.bytesServed();
      const page = await viewer.open(addressOf(name, "middle"));
      if (name === "packed.npz") await page.getByRole("button", { name: /^Read 78/ }).click();
      await cellAt(page, 5, 2).getByText("5122.0").waitFor();
      await page.getByText(name === "m.npz" ? "checksum not verified" : "checksum verified").waitFor();
      served.push(viewer.bytesServed());
    }
    expect(served[0]).toBeLessThan(1 << 20);
    expect(served[1]).toBeGreaterThan(statSync(join(folder, "packed.npz")).size / 2);
    expect(takeFailures()).toEqual([]);
  });

  test("says where a tensor lies", async () => {
    const page = await viewer.open(addressOf("m.safetensors", "matrix"));
    const bytes = readFileSync(join(folder, "m.safetensors"));
    const { matrix } = JSON.parse(bytes.toString("utf8", 8, 8 + bytes.readUInt32LE(0)));
    const offset = 8 + bytes.readUInt32LE(0) + matrix.data_offsets[0];
    await page.getByText(`m.safetensors, offset ${offset.toLocaleString("en")}, 8.2 KiB`).waitFor();
  });

  test("shows a damaged array of an npz file without verifying it, if that is wanted", async () => {
    await using source = await openNpz(join(folder, "m.npz"));
    const place = await source.locate("matrix");
    const bytes = readFileSync(join(folder, "m.npz"));
    bytes.writeFloatLE(-77, (place?.offset ?? 0) + (place?.length ?? 0) - 300 * 7 * 4);
    writeFileSync(join(folder, "damaged.npz"), bytes);
    const page = await viewer.open(addressOf("damaged.npz", "matrix"));
    await page.getByText("This tensor is damaged").waitFor();
    await page.getByRole("button", { name: "Show what is stored" }).click();
    await cellAt(page, 0, 0).getByText("-77.0").waitFor();
    expect(takeFailures()).toEqual([]);
  });
});
