import {
  type DType,
  formatSlice,
  fullSlice,
  isCheckpointError,
  parseShapeAndSlice,
  type ShapeAndSlice,
  zeroTensor,
} from "@tfsaver/core";
import { SlicesReader, SlicesWriter, verifySlices } from "@tfsaver/saved-tensor-slices";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { describe, expect, it } from "vitest";
import { firstDifference } from "../../../fixtures/bytes.js";
import { expectedForm, goldenCheckpoints, goldenRecord } from "../../../fixtures/goldens.js";

const local = defaultStorage();
const goldens = goldenCheckpoints().filter(({ format }) => format === "V1");

async function reading<T>(path: string, read: (reader: SlicesReader) => Promise<T>): Promise<T> {
  const reader = await SlicesReader.open(path);
  try {
    return await read(reader);
  } finally {
    await reader.close();
  }
}

describe.each(goldens)("golden $folder/$prefix", ({ path, tensors, queries = [] }) => {
  it("reads the same values as TensorFlow", async () => {
    await reading(path, async (reader) => {
      expect(
        reader
          .entries()
          .map(({ name }) => name)
          .sort(),
      ).toEqual(Object.keys(tensors).sort());
      for (const [name, { slices, error, ...wanted }] of Object.entries(tensors)) {
        const { parts, shape } = reader.require(name);
        expect(parts.map(({ slice }) => formatSlice(slice)).sort()).toEqual(
          slices === undefined ? [formatSlice(fullSlice(shape.length))] : [...slices].sort(),
        );
        if (error === undefined) expect(expectedForm(await reader.get(name))).toEqual(wanted);
      }
    });
  });

  it("verifies without problems", async () => {
    expect(await verifySlices(path)).toMatchObject({ problems: [], tensors: Object.keys(tensors).length });
  });

  it.each(queries)("reads the slice $spec of $tensor", async ({ tensor, spec, ...wanted }) => {
    const { slice } = parseShapeAndSlice(spec) as ShapeAndSlice;
    expect(expectedForm(await reading(path, (reader) => reader.get(tensor, slice)))).toEqual(wanted);
  });
});

// TensorFlow never compresses.
const rewritable = goldens.filter(({ hand_made }) => !hand_made);

describe.each(rewritable)("golden $folder/$prefix", ({ path }) => {
  it("is written again byte for byte, in all its files", async () => {
    const whole = await SlicesReader.open(path);
    const files = whole.paths;
    await whole.close();
    for (const file of files) {
      const memory = new MemoryStorage();
      const writer = new SlicesWriter("again", { storage: memory });
      await reading(file, async (reader) => {
        for (const { name, shape, parts } of reader.entries()) {
          for (const part of parts) {
            writer.addSlice(name, { shape, slice: part.slice }, await reader.readPart(name, part));
          }
        }
        await writer.finish();
      });
      const [ours, theirs] = [await readFile(memory, "again"), await readFile(local, file)];
      expect(firstDifference(ours, theirs), file).toBe(-1);
      expect((await memory.list(".")).map(({ name }) => name)).toEqual(["again"]);
    }
  });
});

describe("the files of a sharded checkpoint", () => {
  const golden = goldens.find(({ folder }) => folder === "v1-sharded");
  const prefix = golden?.path.replace(/-\?.*$/, "") ?? "";
  const all = Object.keys(golden?.tensors ?? {}).sort();

  it.each([
    ["-?????-of-00003", 3],
    ["-?????-of-?????", 3],
    ["-0000[02]-of-*", 2],
    ["-00001-of-00003", 1],
  ])("%s are %i", async (pattern, files) => {
    await reading(`${prefix}${pattern}`, async (reader) => {
      const names = reader.entries().map(({ name }) => name);
      expect(reader.paths).toHaveLength(files);
      if (files === 3) expect(names.sort()).toEqual(all);
      else expect(names.length).toBeLessThan(all.length);
      for (const name of names) await reader.get(name);
    });
  });
});

const damaged = goldenCheckpoints("corrupt").filter(({ format, errors }) => format === "V1" && errors !== undefined);

describe.each(damaged)("damaged golden $prefix ($note)", ({ path, prefix, errors = {} }) => {
  it.each(Object.entries(errors))("has TensorFlow's result for tensor %s", async (name, { restore_op: wanted }) => {
    const read = reading(path, (reader) => reader.get(name));
    if (wanted.ok) {
      await expect(read).resolves.toMatchObject({ dtype: expect.any(String) });
      return;
    }
    const error: unknown = await read.then(
      () => undefined,
      (reason) => reason,
    );
    if (!isCheckpointError(error)) throw new Error(`Expected ${wanted.error_class}, got ${String(error)}`);
    expect(error.kind).toBe(wanted.error_class);
    for (const phrase of wanted.key_phrases ?? []) expect(error.message).toContain(phrase);
    expect(error.path).toContain(prefix);
  });
});

describe("dtypes that V1 lacks", () => {
  const unsupported = goldenRecord("v1-all-dtypes-supported").unsupported_dtypes as Record<
    string,
    { readonly error_class: string; readonly key_phrases: string[] }
  >;

  it.each(Object.entries(unsupported))("%s is refused as in TensorFlow", (dtype, wanted) => {
    const writer = new SlicesWriter("x", { storage: new MemoryStorage() });
    const tensor = zeroTensor(dtype as DType, [1]);
    expect(() => writer.add("t", tensor)).toThrow(expect.objectContaining({ kind: wanted.error_class }));
    for (const phrase of wanted.key_phrases) expect(() => writer.add("t", tensor)).toThrow(phrase);
  });
});
