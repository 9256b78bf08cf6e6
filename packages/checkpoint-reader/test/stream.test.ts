import { type CheckpointReader, openCheckpoint } from "@tfsaver/checkpoint-reader";
import { fullSlice, isNumeric, numElements, type Tensor, type TensorSlice, tensorBytes, toTensor } from "@tfsaver/core";
import { SlicesWriter } from "@tfsaver/saved-tensor-slices";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { CountingStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { hex } from "../../../fixtures/bytes.js";
import { expectedForm, goldenCheckpoints } from "../../../fixtures/goldens.js";
import { rejection } from "../../../fixtures/rejection.js";
import { putFile } from "../../../fixtures/storage-files.js";

const DATA = "m.data-00000-of-00001";
const at = (start: number, length: number) => ({ start, length });

async function pieces(reader: CheckpointReader, name: string, options?: Parameters<CheckpointReader["stream"]>[1]) {
  const found: Tensor[] = [];
  for await (const piece of reader.stream(name, options)) found.push(piece);
  return found;
}

const bytesOf = (tensors: readonly Tensor[]) => tensors.map((tensor) => hex(tensorBytes(tensor))).join("");

describe.each(goldenCheckpoints())("golden $folder/$prefix", ({ path, tensors }) => {
  it("gives the same values in pieces of any size, verified or not, as at once", async () => {
    const reader = await openCheckpoint(path);
    for (const [name, wanted] of Object.entries(tensors).slice(0, 40)) {
      if (wanted.error !== undefined || wanted.dtype === "resource") continue;
      const whole = await reader.get(name);
      if (!isNumeric(whole.dtype)) {
        const [only, ...more] = await pieces(reader, name, { pieceBytes: 1 });
        expect(more).toEqual([]);
        if (only !== undefined) expect(expectedForm(only)).toEqual(expectedForm({ ...whole, shape: only.shape }));
        continue;
      }
      for (const pieceBytes of [1, 24, 1000, undefined]) {
        if (pieceBytes !== undefined && numElements(whole.shape) > 300 * pieceBytes) continue;
        for (const checksums of ["whole", "none"] as const) {
          expect(bytesOf(await pieces(reader, name, { pieceBytes, checksums }))).toBe(bytesOf([whole]));
        }
      }
      expect(await reader.get(name, undefined, { checksums: "none" })).toEqual(whole);
    }
    await reader.close();
  });
});

/** A tensor of 6 x 8 numbers in the forms in which a checkpoint can hold it. */
const forms: Readonly<Record<string, readonly TensorSlice[]>> = {
  whole: [fullSlice(2)],
  "in rows": [
    [at(0, 2), "full"],
    [at(2, 4), "full"],
  ],
  "in columns": [
    ["full", at(0, 3)],
    ["full", at(3, 5)],
  ],
  "in a grid": [
    [at(0, 3), at(0, 4)],
    [at(0, 3), at(4, 4)],
    [at(3, 3), at(0, 4)],
    [at(3, 3), at(4, 4)],
  ],
};

const values = toTensor(
  Float32Array.from({ length: 48 }, (_, i) => i),
  "float32",
  [6, 8],
);

async function stored(format: string, slices: readonly TensorSlice[]): Promise<CountingStorage> {
  const { tensorPart } = await import("@tfsaver/core");
  const storage = new CountingStorage(new MemoryStorage());
  const writer = format === "V1" ? new SlicesWriter("m", { storage }) : new BundleWriter("m", { storage });
  for (const slice of slices) await writer.addSlice("w", { shape: [6, 8], slice }, tensorPart(values, slice));
  await writer.finish();
  return storage;
}

describe.each(Object.entries(forms))("a tensor that is stored %s", (_, slices) => {
  it.each(["V1", "V2"])("gives every part in pieces, verified or not, in format %s", async (format) => {
    const reader = await openCheckpoint("m", { storage: await stored(format, slices) });
    for (const slice of [fullSlice(2), [at(1, 4)], ["full", at(2, 4)], [at(2, 2), at(2, 3)], [at(5, 1), at(7, 1)]]) {
      const wanted = await reader.get("w", slice as TensorSlice);
      for (const checksums of ["whole", "none"] as const) {
        expect(await reader.get("w", slice as TensorSlice, { checksums })).toEqual(wanted);
        for (const pieceBytes of [4, 8, 12, 20, 32, 64, 1000]) {
          const found = await pieces(reader, "w", { slice: slice as TensorSlice, pieceBytes, checksums });
          expect(bytesOf(found)).toBe(bytesOf([wanted]));
          for (const piece of found) expect(tensorBytes(piece).length).toBeLessThanOrEqual(pieceBytes);
        }
      }
    }
    await reader.close();
  });

  it("reads only the stored slices, and of them the ranges, that a part needs", async () => {
    const storage = await stored("V2", slices);
    const reader = await openCheckpoint("m", { storage });
    const reports: object[] = [];
    storage.reset();
    await reader.get("w", [at(5, 1), at(6, 2)], { checksums: "none", onRead: (report) => reports.push(report) });
    expect(storage.rangesRead(DATA)).toEqual([{ offset: expect.any(Number), length: 8 }]);
    expect(reports).toEqual([{ requests: 1, bytes: 8, verified: false }]);
    await reader.close();
  });
});

it("onRead reports every read of a default get as verified, in both formats", async () => {
  for (const format of ["V1", "V2"]) {
    const storage = await stored(format, [fullSlice(2)]);
    const reader = await openCheckpoint("m", { storage });
    const reports: { requests: number; bytes: number; verified: boolean }[] = [];
    await reader.get("w", [at(0, 1)], { onRead: (report) => reports.push(report) });
    for await (const _ of reader.stream("w", { onRead: (report) => reports.push(report) }));
    expect(reports.map(({ requests, verified }) => ({ requests, verified }))).toEqual([
      { requests: 1, verified: true },
      { requests: 1, verified: true },
    ]);
    for (const { bytes } of reports) expect(bytes).toBeGreaterThanOrEqual(192);
  }
});

describe("a large tensor with a damaged byte", () => {
  const SIZE = 20 << 20;

  async function damaged(offset: number) {
    const storage = new MemoryStorage();
    const writer = new BundleWriter("m", { storage });
    await writer.add("w", toTensor(new Uint8Array(SIZE), "uint8"));
    await writer.finish();
    const bytes = await readFile(storage, DATA);
    await putFile(storage, DATA, bytes.with(offset, 1));
    return openCheckpoint("m", { storage });
  }

  it.each([0, SIZE / 2, SIZE - 1])("at offset %d rejects in place of its last piece", async (offset) => {
    const reader = await damaged(offset);
    const seen: number[] = [];
    const reading = (async () => {
      for await (const piece of reader.stream("w", { pieceBytes: 6 << 20 })) seen.push(numElements(piece.shape));
    })();
    expect(await rejection(reading)).toMatchObject({ kind: "DataLossError", tensor: "w", path: DATA });
    expect(seen).toEqual([6 << 20, 6 << 20, 6 << 20]);
  });

  it("rejects a part that does not hold it, unless nothing is to be verified", async () => {
    const reader = await damaged(SIZE - 1);
    expect(await rejection(reader.get("w", [at(0, 4)]))).toMatchObject({ kind: "DataLossError" });
    expect(await reader.get("w", [at(0, 4)], { checksums: "none" })).toMatchObject({ shape: [4] });
  });
});

describe.each(["V1", "V2"])("in format %s", (format) => {
  it.each([0, -1, Number.NaN])("a piece of %d bytes is refused", async (pieceBytes) => {
    const reader = await openCheckpoint("m", { storage: await stored(format, [fullSlice(2)]) });
    const error = await rejection(pieces(reader, "w", { pieceBytes }));
    expect(error).toMatchObject({ kind: "InvalidArgumentError", message: expect.stringContaining("pieceBytes") });
  });

  it.each([
    ["with too many dimensions", [at(0, 1), at(0, 1), at(0, 1)]],
    ["that ends behind the tensor", [at(5, 2)]],
    ["as long as the tensor but elsewhere", [at(1, 6)]],
    ["of fractions", [at(0.5, 1)]],
  ])("a slice %s is refused by every way to read it", async (_, slice) => {
    const reader = await openCheckpoint("m", { storage: await stored(format, [fullSlice(2)]) });
    const refused = { kind: "InternalError" };
    expect(await rejection(reader.get("w", slice))).toMatchObject(refused);
    expect(await rejection(reader.get("w", slice, { checksums: "none" }))).toMatchObject(refused);
    expect(await rejection(reader.getInto("w", new Uint8Array(4), slice))).toMatchObject(refused);
    expect(await rejection(pieces(reader, "w", { slice }))).toMatchObject(refused);
  });

  it("a tensor without elements has no pieces, and is got by a slice", async () => {
    const storage = new MemoryStorage();
    const writer = format === "V1" ? new SlicesWriter("m", { storage }) : new BundleWriter("m", { storage });
    await writer.add("empty", toTensor(new Float32Array(0), "float32", [0, 3]));
    await writer.finish();
    const reader = await openCheckpoint("m", { storage });
    expect(await pieces(reader, "empty")).toEqual([]);
    expect(await reader.get("empty", undefined, { checksums: "none" })).toMatchObject({ shape: [0, 3] });
  });
});

it("ranges that are near each other are read together, and others apart", async () => {
  const storage = new CountingStorage(new MemoryStorage());
  const writer = new BundleWriter("m", { storage });
  await writer.add("narrow", toTensor(new Uint8Array(100 * 1000), "uint8", [100, 1000]));
  await writer.add("wide", toTensor(new Uint8Array(4 * 1_000_000), "uint8", [4, 1_000_000]));
  await writer.finish();
  const reader = await openCheckpoint("m", { storage });
  storage.reset();
  await reader.get("narrow", ["full", at(10, 1)], { checksums: "none" });
  expect(storage.rangesRead(DATA)).toEqual([{ offset: 10, length: 99 * 1000 + 1 }]);
  storage.reset();
  await reader.get("wide", ["full", at(10, 1)], { checksums: "none" });
  expect(storage.rangesRead(DATA).map(({ length }) => length)).toEqual([1, 1, 1, 1]);
});
