import { byteLength, type DType, isNumeric, makeTensor, type Tensor, tensorFromBytes } from "@tfsaver/core";
import { MemoryStorage, readFile, writeFileAtomically } from "@tfsaver/storage";
import { BundleReader, BundleWriter } from "@tfsaver/tensor-bundle";
import fc from "fast-check";
import { expect, it } from "vitest";

/** Short tensors, which are read together, with long ones, strings and empty ones between them. */
const tensor: fc.Arbitrary<Tensor> = fc
  .record({
    dtype: fc.constantFrom<DType>("float32", "int64", "complex128", "int8", "float16", "int4", "string"),
    length: fc.oneof(
      { weight: 6, arbitrary: fc.nat(40) },
      { weight: 1, arbitrary: fc.integer({ min: 600, max: 9000 }) },
    ),
    seed: fc.nat(255),
  })
  .map(({ dtype, length, seed }) => {
    if (!isNumeric(dtype)) {
      const strings = Array.from({ length }, (_, i) => new Uint8Array(i % 5).fill(seed + i));
      return makeTensor(dtype, [length], strings);
    }
    const limit = dtype === "int4" ? 15 : 255;
    const bytes = Uint8Array.from({ length: byteLength(dtype, [length]) }, (_, i) => (seed + 7 * i) & limit);
    return tensorFromBytes(dtype, [length], bytes);
  });
const alignment = fc.constantFrom(1, 64, 5000);

const nameOf = (index: number) => `t${String(index).padStart(3, "0")}`;

it("tensors of any size that lie next to each other are read as they were written", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(tensor, { minLength: 1, maxLength: 30 }), alignment, async (tensors, alignment) => {
      const storage = new MemoryStorage();
      const [one, other] = [1, 2].map((n) => new BundleWriter(`model-${n}`, { storage, alignment }));
      if (one === undefined || other === undefined) throw new Error("unreachable");
      const items = tensors.map((tensor, i) => ({ name: nameOf(i), tensor }));
      const told: string[] = [];
      await one.addAll(items, { onProgress: ({ tensor }) => told.push(tensor) });
      for (const { name, tensor } of items) await other.add(name, tensor);
      await Promise.all([one.finish(), other.finish()]);
      for (const end of [".index", ".data-00000-of-00001"]) {
        expect(await readFile(storage, `model-1${end}`)).toEqual(await readFile(storage, `model-2${end}`));
      }
      expect(told).toEqual(items.map(({ name }) => name));

      const reader = await BundleReader.open("model-1", { storage });
      // Leave some out, which makes gaps, and request the others in another order.
      const requests = items.filter((_, i) => i % 4 !== 1).reverse();
      const read = await reader.getAll(requests);
      expect(read).toEqual(requests.map(({ tensor }) => tensor));
      await reader.close();
    }),
  );
});

it("the entries of many names are looked up again when the list of names has changed", async () => {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("model", { storage });
  const tensor = makeTensor("float32", [], Float32Array.of(1));
  await writer.addAll(Array.from({ length: 100 }, (_, i) => ({ name: nameOf(i), tensor })));
  await writer.finish();
  const reader = await BundleReader.open("model", { storage });
  const names = Array.from({ length: 100 }, (_, i) => nameOf(i));
  const found = async () => (await reader.entriesOf(names)).map((entry) => entry?.name);
  expect(await found()).toEqual(names);
  names[3] = "none";
  expect(await found()).toEqual(names.with(3, undefined as never));
  await reader.close();
});

it("an error names the damaged tensor, not its neighbors", async () => {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("model", { storage });
  await writer.addAll(
    ["a", "b", "c"].map((name) => ({ name, tensor: makeTensor("float32", [2], Float32Array.of(1, 2)) })),
  );
  await writer.finish();
  const path = "model.data-00000-of-00001";
  const data = await readFile(storage, path);
  (data[9] as number) ^= 1;
  await writeFileAtomically(storage, path, data);
  const reader = await BundleReader.open("model", { storage });
  await expect(reader.getAll([{ name: "c" }, { name: "b" }, { name: "a" }])).rejects.toMatchObject({
    kind: "DataLossError",
    tensor: "b",
    offset: 8,
  });
  await reader.close();
});

it("adding many tensors stops at the first invalid one", async () => {
  const writer = new BundleWriter("model", { storage: new MemoryStorage() });
  const tensor = makeTensor("float32", [], Float32Array.of(1));
  const twice = writer.addAll([
    { name: "a", tensor },
    { name: "a", tensor },
  ]);
  await expect(twice).rejects.toThrow("Adding duplicate key: a");
  await writer.discard();
});

it("names that have no bytes in UTF-8 are refused: two could become one key", async () => {
  const writer = new BundleWriter("model", { storage: new MemoryStorage() });
  const tensor = makeTensor("float32", [], Float32Array.of(1));
  for (const name of ["\ud800", "a\udc00b"]) {
    await expect(writer.add(name, tensor)).rejects.toThrow(`A tensor can't have the name ${JSON.stringify(name)}`);
  }
  await writer.add("\u{1f600}", tensor);
  await writer.finish();
});
