import { dataFilename, indexFilename } from "@tfsaver/checkpoint-names";
import {
  formatSlice,
  isCheckpointError,
  parseShapeAndSlice,
  type ShapeAndSlice,
  type Tensor,
  type TensorSlice,
} from "@tfsaver/core";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { type BundleEntry, BundleReader, BundleWriter, mergeBundles, verifyBundle } from "@tfsaver/tensor-bundle";
import { describe, expect, it } from "vitest";
import { firstDifference, hex } from "../../../fixtures/bytes.js";
import {
  type ExpectedTensor,
  expectedForm,
  goldenCheckpoints,
  goldenRecord,
  goldensFolder,
} from "../../../fixtures/goldens.js";
import { filesIn } from "../../../fixtures/storage-files.js";

const local = defaultStorage();
const goldens = goldenCheckpoints().filter(({ format }) => format === "V2");

async function reading<T>(path: string, read: (reader: BundleReader) => Promise<T>): Promise<T> {
  const reader = await BundleReader.open(path);
  try {
    return await read(reader);
  } finally {
    await reader.close();
  }
}

async function entriesOf(reader: BundleReader): Promise<BundleEntry[]> {
  const entries = [];
  for await (const entry of reader.entries()) entries.push(entry);
  return entries;
}

/** Returns the fields of a golden that describe a tensor's value. */
function contentForm({ slices: _slices, tensor_list: _list, ...value }: ExpectedTensor) {
  return value;
}

async function caught(action: Promise<unknown>): Promise<{ readonly kind: string; readonly message: string }> {
  const error: unknown = await action.then(
    () => undefined,
    (reason) => reason,
  );
  if (!isCheckpointError(error)) throw new Error(`Not one of our errors: ${String(error)}`);
  return error;
}

describe.each(goldens)("golden $folder/$prefix", ({ path, tensors, queries = [] }) => {
  it("lists the same tensors as TensorFlow", async () => {
    const listed = await reading(path, entriesOf);
    const found = Object.fromEntries(
      listed.map(({ name, dtype, shape, slices }) => [name, { dtype, shape, slices: slices.map(formatSlice).sort() }]),
    );
    const wanted = Object.entries(tensors).map(([name, { dtype, shape, slices = [] }]) => [
      name,
      { dtype, shape, slices },
    ]);
    expect(found).toEqual(Object.fromEntries(wanted));
  });

  it("reads the same values as TensorFlow, or fails with its error", async () => {
    await reading(path, async (reader) => {
      for (const [name, { error, ...wanted }] of Object.entries(tensors)) {
        if (error === undefined) expect(expectedForm(await reader.get(name))).toEqual(contentForm(wanted));
        else {
          const found = await caught(reader.get(name));
          expect(found.kind).toBe(error.error_class);
          for (const phrase of error.key_phrases ?? []) expect(found.message).toContain(phrase);
        }
      }
    });
  });

  it("verifies without problems, unless slices are missing", async () => {
    const broken = Object.entries(tensors).filter(([, { error }]) => error !== undefined);
    const report = await verifyBundle(path);
    expect(report.problems.map(({ tensors }) => tensors?.[0])).toEqual(broken.map(([name]) => name));
    expect(report.tensors).toBe(Object.keys(tensors).length - broken.length);
  });

  it.each(queries)("reads the slice $spec of $tensor", async ({ tensor, spec, ...wanted }) => {
    const { slice } = parseShapeAndSlice(spec) as ShapeAndSlice;
    await reading(path, async (reader) => {
      const part = await reader.get(tensor, slice);
      expect(expectedForm(part)).toEqual(wanted);
      const target = new Uint8Array((part.data as Uint8Array).byteLength);
      await reader.getInto(tensor, target, slice);
      expect(hex(target)).toBe(wanted.bytes_hex);
    });
  });
});

/** Yields all tensors and slices of a data file, in the order in which they lie there. */
async function* contentOf(reader: BundleReader, shard: number) {
  const parts: { name: string; full: readonly number[]; slice: TensorSlice | undefined; at: number; size: number }[] =
    [];
  const dataFile = dataFilename(reader.prefix, shard, reader.header.numShards);
  for (const { name, shape, slices, ...entry } of await entriesOf(reader)) {
    for (const slice of slices) {
      const [read] = await reader.plan([{ name, slice }]);
      if (read?.path === dataFile) parts.push({ name, full: shape, slice, at: read.offset, size: read.length });
    }
    if (slices.length === 0 && entry.shard === shard) {
      parts.push({ name, full: shape, slice: undefined, at: entry.offset, size: entry.size });
    }
  }
  // An empty tensor has the offset of the next one.
  parts.sort((a, b) => a.at - b.at || a.size - b.size);
  for (const { name, full, slice } of parts) yield { name, full, slice, tensor: await reader.get(name, slice) };
}

async function writeAgain(reader: BundleReader, shard: number, prefix: string, storage: MemoryStorage): Promise<void> {
  const writer = new BundleWriter(prefix, { storage });
  for await (const { name, full, slice, tensor } of contentOf(reader, shard))
    await add(writer, name, full, slice, tensor);
  await writer.finish();
}

function add(
  writer: BundleWriter,
  name: string,
  shape: readonly number[],
  slice: TensorSlice | undefined,
  tensor: Tensor,
): Promise<void> {
  return slice === undefined ? writer.add(name, tensor) : writer.addSlice(name, { shape, slice }, tensor);
}

// The others were made by the generator's own encoder, or by several calls of SaveV2.
const rewritable = goldens.filter(({ hand_made, folder }) => !hand_made && folder !== "big-endian");

describe.each(rewritable)("golden $folder/$prefix", ({ path, files }) => {
  it("is written again byte for byte, its shards merged", async () => {
    const memory = new MemoryStorage();
    const numShards = files.filter(({ name }) => name.includes(".data-")).length;
    await reading(path, async (reader) => {
      if (numShards === 1) return writeAgain(reader, 0, "again", memory);
      await memory.createDirectory("again_temp");
      const parts = Array.from({ length: numShards }, (_, shard) => `again_temp/part-${shard}`);
      for (const [shard, part] of parts.entries()) await writeAgain(reader, shard, part, memory);
      await mergeBundles(parts, "again", { storage: memory });
    });
    const names = [
      indexFilename,
      ...Array.from({ length: numShards }, (_, i) => (of: string) => dataFilename(of, i, numShards)),
    ];
    for (const name of names) {
      const [ours, theirs] = [await readFile(memory, name("again")), await readFile(local, name(path))];
      expect(firstDifference(ours, theirs), name(path)).toBe(-1);
    }
    expect((await memory.list(".")).map((entry) => entry.name).sort()).toEqual(
      names.map((name) => name("again")).sort(),
    );
  });
});

interface ExpectedMerge {
  readonly inputs: string[];
  readonly error_class: string;
  readonly key_phrases: string[];
  readonly options: { readonly allow_missing_files?: boolean };
}

describe("merging", () => {
  it.each(goldenRecord("corrupt").merges as ExpectedMerge[])(
    "$inputs fails as in TensorFlow, and changes nothing",
    async (merge) => {
      const storage = new MemoryStorage();
      for (const { name } of await local.list(`${goldensFolder}corrupt`)) {
        if (!name.startsWith("merge-")) continue;
        const file = await storage.create(name);
        await file.write([await readFile(local, `${goldensFolder}corrupt/${name}`)]);
        await file.close();
      }
      const before = await filesIn(storage);
      const allowMissingFiles = merge.options.allow_missing_files;
      const error = await caught(mergeBundles(merge.inputs, "merged", { storage, allowMissingFiles }));
      expect(error.kind).toBe(merge.error_class);
      for (const phrase of merge.key_phrases) expect(error.message).toContain(phrase);
      expect(await filesIn(storage)).toEqual(before);
    },
  );
});
