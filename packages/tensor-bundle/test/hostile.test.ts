import { type ErrorKind, isCheckpointError, type TensorSlice } from "@tfsaver/core";
import { crc32c, maskCrc, sliceKey } from "@tfsaver/core/coding";
import { compareBytes } from "@tfsaver/sstable";
import { MemoryStorage, type ReadableFile } from "@tfsaver/storage";
import { BundleReader, BundleWriter, mergeBundles, verifyBundle } from "@tfsaver/tensor-bundle";
import { CountingStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { filesIn } from "../../../fixtures/storage-files.js";
import { concat } from "../../../tools/fuzz/bytes.js";
import { encodeMessage, type Field, messageField, numberField } from "../../../tools/fuzz/messages.js";
import { type Entry, writeTable } from "../../../tools/fuzz/tables.js";

const FLOAT = 1n;
const STRING = 7n;
const utf8 = new TextEncoder();

const shape = (...dims: bigint[]) => messageField(2, ...dims.map((dim) => messageField(2, numberField(1, dim))));
const extent = (start: bigint, length: bigint) => messageField(1, numberField(1, start), numberField(2, length));

function place(offset: bigint, size: bigint, content: Uint8Array): Field[] {
  const crc = new Uint8Array(new Uint32Array([maskCrc(crc32c(content))]).buffer);
  return [numberField(4, offset), numberField(5, size), { number: 6, wire: 5, value: crc }];
}

/** Fields of a position that is refused before its checksum is computed. */
function unread(size: bigint): Field[] {
  return place(0n, size, new Uint8Array());
}

function slices(...all: Field[][]): Field[] {
  return all.map((extents) => messageField(7, ...extents));
}

const header: Entry = {
  key: new Uint8Array(),
  value: encodeMessage([numberField(1, 1n), messageField(3, numberField(1, 1n))]),
};

function row(name: string, ...fields: Field[]): Entry {
  return { key: utf8.encode(name), value: encodeMessage(fields) };
}

function sliceRow(name: string, slice: TensorSlice, ...fields: Field[]): Entry {
  return { key: sliceKey(utf8.encode(name), slice), value: encodeMessage(fields) };
}

/** Stores a checkpoint with these entries and correct checksums. */
async function stored(entries: readonly Entry[], data: Uint8Array = new Uint8Array(64)): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const ordered = [header, ...[...entries].sort((a, b) => compareBytes(a.key, b.key))];
  await (await storage.create("x.index")).write([writeTable(ordered)]);
  await (await storage.create("x.data-00000-of-00001")).write([data]);
  return storage;
}

async function reading(entries: readonly Entry[], slice?: TensorSlice, data?: Uint8Array): Promise<unknown> {
  const reader = await BundleReader.open("x", { storage: await stored(entries, data) });
  return reader.get("w", slice);
}

async function expectError(action: Promise<unknown>, kind: ErrorKind, text: string): Promise<void> {
  const error: unknown = await action.then(
    () => undefined,
    (reason) => reason,
  );
  if (!isCheckpointError(error)) throw new Error(`not one of our errors: ${error}`);
  expect({ kind: error.kind, message: error.message }).toEqual({ kind, message: expect.stringContaining(text) });
  expect(error.path).toMatch(/^x\./);
}

/** A storage whose data files claim to be larger than any file. */
class Boundless extends CountingStorage {
  override async open(path: string): Promise<ReadableFile> {
    const file = await super.open(path);
    return path.includes(".data-") ? { ...file, size: 2 ** 50 } : file;
  }
}

describe("an index with correct checksums", () => {
  it.each([
    ["starts before", extent(-1n, 2n)],
    ["has a negative length", extent(1n, -1n)],
    ["ends behind", extent(3n, 2n)],
    ["overflows", extent(2n ** 53n - 1n, 2n ** 53n - 1n)],
  ])("with a slice that %s its tensor gives TensorFlow's InternalError", async (_, part) => {
    const whole = row("w", numberField(1, FLOAT), shape(4n), ...slices([part]));
    await expectError(reading([whole]), "InternalError", "Extent in dimension 0 out of bounds");
  });

  it("whose slices all have the same bytes yields no tensor larger than the file", async () => {
    const rows = 1000n;
    const data = new Uint8Array(4096);
    const parts = Array.from({ length: Number(rows) }, (_, start) => ({ start, length: 1 }));
    const whole = row(
      "w",
      numberField(1, FLOAT),
      shape(rows, 1024n),
      ...slices(...parts.map(({ start }) => [extent(BigInt(start), 1n), messageField(1)])),
    );
    const each = parts.map((part) =>
      sliceRow("w", [part, "full"], numberField(1, FLOAT), shape(1n, 1024n), ...place(0n, 4096n, data)),
    );
    await expectError(reading([whole, ...each], undefined, data), "DataLossError", "share bytes from offset 0");
  });

  it("whose slice has another shape than its key yields no wrong values", async () => {
    const whole = row("w", numberField(1, FLOAT), shape(8n), ...slices([extent(0n, 4n)], [extent(4n, 4n)]));
    const part = sliceRow(
      "w",
      [{ start: 0, length: 4 }],
      numberField(1, FLOAT),
      shape(2n),
      ...place(0n, 8n, new Uint8Array(8)),
    );
    await expectError(reading([whole, part], [{ start: 1, length: 2 }]), "DataLossError", "of shape [4]");
  });

  it.each([
    ["more dimensions than TensorFlow has", Array.from({ length: 255 }, () => 1n), "TensorFlow allows at most 254"],
    ["a negative dimension", [2n, -1n], "Invalid tensor shape"],
    ["more elements than can be counted", [2n ** 40n, 2n ** 40n], "Invalid tensor shape"],
    ["a dimension beyond exact numbers", [2n ** 62n], "not parseable"],
    ["more elements than its bytes", [2n ** 40n], "Invalid size in bundle entry"],
  ])("with %s is refused before anything is allocated", async (_, dims, text) => {
    for (const dtype of [FLOAT, STRING]) {
      const entry = row("w", numberField(1, dtype), shape(...dims), ...place(0n, 4n, new Uint8Array(4)));
      await expectError(reading([entry]), "DataLossError", text);
    }
  });

  it("with tensors larger than the data file is refused before anything is allocated", async () => {
    const size = 2n ** 45n;
    const entry = row("w", numberField(1, FLOAT), shape(size / 4n), ...unread(size));
    await expectError(reading([entry]), "DataLossError", "Read less bytes than requested");
    const report = await verifyBundle("x", { storage: await stored([entry]) });
    expect(report.problems).toMatchObject([{ path: "x.data-00000-of-00001", tensors: ["w"], offset: 0 }]);
  });

  it("whose tensors share bytes is verified without reading them for each", async () => {
    const data = new Uint8Array(64);
    const rows = Array.from({ length: 500 }, (_, i) =>
      row(`t${i}`, numberField(1, FLOAT), shape(16n), ...place(0n, 64n, data)),
    );
    const storage = new CountingStorage(await stored(rows, data));
    const report = await verifyBundle("x", { storage });
    expect(report.tensors).toBe(1);
    expect(report.problems.length).toBe(499);
    expect(report.problems[0]).toMatchObject({ path: "x.data-00000-of-00001", offset: 0 });
    expect(storage.rangesRead("x.data-00000-of-00001")).toEqual([{ offset: 0, length: 64 }]);
  });

  it("with a tensor larger than any memory causes a CheckpointError, even if the file claims that size", async () => {
    const size = 2n ** 50n;
    const numbers = row("w", numberField(1, FLOAT), shape(size / 4n), ...unread(size));
    const text = row("w", numberField(1, STRING), shape(4n), ...unread(size));
    for (const entry of [numbers, text]) {
      const reader = await BundleReader.open("x", { storage: new Boundless(await stored([entry])) });
      await expect(reader.get("w")).rejects.toMatchObject({ kind: "ResourceExhaustedError" });
    }
  });

  it("with an empty tensor behind the end of the file keeps its neighbors readable", async () => {
    const data = new Uint8Array(8);
    const rows = [
      row("a", numberField(1, FLOAT), shape(2n), ...place(0n, 8n, data)),
      row("w", numberField(1, FLOAT), shape(0n), ...place(4000n, 0n, new Uint8Array())),
    ];
    const reader = await BundleReader.open("x", { storage: await stored(rows, data) });
    const found: string[] = [];
    for await (const { request } of reader.getEach([{ name: "a" }, { name: "w" }])) found.push(request.name);
    expect(found).toEqual(["a", "w"]);
  });

  it("with more slices of a tensor than fit on the stack is refused, and merges", async () => {
    const fields = [numberField(1, FLOAT), shape(), ...slices([])];
    const oneMore = encodeMessage(slices([]));
    const value = concat([encodeMessage(fields), ...Array.from({ length: 199_999 }, () => oneMore)]);
    const whole: Entry = { key: utf8.encode("w"), value };
    await expectError(reading([whole]), "InternalError", "Overlapping slices: existing slice = ");
    const storage = await stored([whole]);
    for (const name of ["index", "data-00000-of-00001"]) {
      const file = await (await stored([whole])).open(`x.${name}`);
      const bytes = new Uint8Array(file.size);
      await file.readInto(0, [bytes]);
      await (await storage.create(`y.${name}`)).write([bytes]);
    }
    await expect(mergeBundles(["x", "y"], "z", { storage })).resolves.toBeUndefined();
  });

  it.each([
    ["groups", 0x0b],
    ["messages", 0x12],
  ])("with %s nested deeper than the stack is refused", async (_, byte) => {
    const entry = { key: utf8.encode("w"), value: new Uint8Array(200_000).fill(byte) };
    await expectError(reading([entry]), "DataLossError", "not parseable");
    const report = await verifyBundle("x", { storage: await stored([entry]) });
    expect(report.problems).toMatchObject([{ path: "x.index", tensors: ["w"], offset: 0 }]);
  });

  it("that is damaged is not merged, and the error names file and offset", async () => {
    const storage = await stored([row("w", numberField(1, 77n), shape())]);
    await expectError(mergeBundles(["x"], "z", { storage }), "DataLossError", "Entry for key w not parseable");
    expect(await filesIn(storage)).toEqual(["x.data-00000-of-00001", "x.index"]);
  });
});

it("tensors may have the names of inherited properties", async () => {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("x", { storage });
  const names = ["__proto__", "constructor", "hasOwnProperty", "toString"];
  for (const [i, name] of names.entries()) {
    await writer.add(name, { dtype: "uint8", shape: [], data: Uint8Array.of(i) });
  }
  await writer.finish();
  const reader = await BundleReader.open("x", { storage });
  for (const [i, name] of names.entries()) expect((await reader.get(name)).data).toEqual(Uint8Array.of(i));
  expect(await reader.entry("valueOf")).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
});
