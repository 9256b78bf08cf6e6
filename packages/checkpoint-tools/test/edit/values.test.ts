import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { type EditStep, editCheckpoint, elementReader } from "@tfsaver/checkpoint-tools";
import { type DType, numElements, type Tensor, toTensor } from "@tfsaver/core";
import { concatBytes } from "@tfsaver/core/coding";
import { npyHeader } from "@tfsaver/core/npy";
import { MemoryStorage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { describe, expect, it } from "vitest";
import { putFile } from "../../../../fixtures/storage-files.js";
import { randomTensor, V2_DTYPES } from "../../../../tools/fuzz/content.js";
import { Random } from "../../../../tools/fuzz/random.js";

async function storageWith(tensors: Readonly<Record<string, Tensor>>): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("m", { storage });
  for (const [name, tensor] of Object.entries(tensors)) await writer.add(name, tensor);
  await writer.finish();
  return storage;
}

async function edited(storage: MemoryStorage, name: string, ...steps: EditStep[]): Promise<Tensor> {
  const destination = `out-${(await storage.list(".")).length}`;
  await editCheckpoint("m", destination, { steps, storage });
  const reader = await openCheckpoint(destination, { storage });
  const tensor = await reader.get(name);
  await reader.close();
  return tensor;
}

const elementsOf = (tensor: Tensor) =>
  Array.from({ length: numElements(tensor.shape) }, (_, i) => elementReader(tensor)(i));

describe("a cast", () => {
  it.each(V2_DTYPES.filter((dtype) => dtype !== "string"))(
    "of %s to float64 and complex128 keeps every value",
    async (dtype) => {
      const tensor = randomTensor(new Random(7), dtype, [5, 7]);
      const storage = await storageWith({ x: tensor });
      const isComplex = dtype.startsWith("complex");
      const target = isComplex ? "complex128" : "float64";
      const wanted = elementsOf(tensor).map((value) => (Array.isArray(value) ? value : Number(value)));
      expect(elementsOf(await edited(storage, "x", { cast: target, match: ["x"] }))).toEqual(wanted);
    },
  );

  it("rounds to the nearest, ties to even, and drops fractions on the way to integers", async () => {
    const storage = await storageWith({ x: toTensor([1.0009765625 + 2 ** -11, -2.7, 65520, 0.1, -0]) });
    const half = await edited(storage, "x", { cast: "float16" });
    expect(elementsOf(half)).toEqual([1.001953125, -2.69921875, Number.POSITIVE_INFINITY, 0.0999755859375, -0]);
    const other = await storageWith({
      x: toTensor([2.9, -2.9, 127]),
      y: toTensor([true, false]),
      z: toTensor([2n ** 60n]),
    });
    expect(await edited(other, "x", { cast: "int8", match: ["x"] })).toEqual(toTensor([2, -2, 127], "int8"));
    expect(await edited(other, "y", { cast: "int64", match: ["y"] })).toEqual(toTensor([1n, 0n]));
    expect(await edited(other, "z", { cast: "uint64", match: ["z"] })).toEqual(toTensor([2n ** 60n], "uint64"));
    expect(await edited(other, "x", { cast: "bool", match: ["x"] })).toEqual(toTensor([true, true, true]));
  });

  it.each<[DType, number]>([
    ["uint8", -1],
    ["int8", 128],
    ["int32", 2 ** 31],
    ["int64", 2 ** 63],
    ["uint64", -1],
    ["int16", Number.NaN],
    ["int64", Number.POSITIVE_INFINITY],
  ])("to %s refuses %d", async (dtype, value) => {
    const storage = await storageWith({ x: toTensor([value], "float64") });
    await expect(edited(storage, "x", { cast: dtype, match: ["x"] })).rejects.toThrow(
      /it holds .*, which does not fit/,
    );
  });

  it("without patterns leaves integers, booleans, complex numbers and strings alone", async () => {
    const storage = await storageWith({
      a: toTensor([1n]),
      b: toTensor(["x"]),
      c: toTensor([1, 2], "complex64", [1]),
      d: toTensor([1]),
    });
    const { plan } = await editCheckpoint("m", "o", { steps: [{ cast: "bfloat16" }], storage, dryRun: true });
    expect(plan.tensors.map(({ dtype }) => dtype)).toEqual(["int64", "string", "complex64", "bfloat16"]);
  });
});

describe("a NumPy file", () => {
  const storage = storageWith({ x: toTensor([1, 2, 3, 4, 5, 6], "float32", [2, 3]), half: toTensor([1], "bfloat16") });

  async function set(name: string, header: Uint8Array, ...bytes: Uint8Array[]): Promise<Tensor> {
    await putFile(await storage, "f.npy", concatBytes([header, ...bytes]));
    return edited(await storage, name, { set: name, value: "f.npy" });
  }

  const header = (text: string) => {
    const bytes = npyHeader("<f4", [1]);
    const padded = text.padEnd(bytes.length - 11);
    return concatBytes([bytes.subarray(0, 10), new TextEncoder().encode(`${padded}\n`)]);
  };

  it("in Fortran's order, big-endian, and of strings is read as NumPy reads it", async () => {
    const fortran = header("{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }");
    expect(await set("x", fortran, Uint8Array.of(1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6, 0))).toEqual(
      toTensor(
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        "int16",
      ),
    );
    const big = header("{'descr': '>i4', 'fortran_order': False, 'shape': (2,), }");
    expect(await set("x", big, Uint8Array.of(0, 0, 0, 1, 0, 0, 1, 0))).toEqual(toTensor([1, 256], "int32"));
    const strings = header("{'descr': '|S3', 'fortran_order': False, 'shape': (2,), }");
    expect(await set("x", strings, new TextEncoder().encode("abca\0\0"))).toEqual(toTensor(["abc", "a"]));
    const empty = header("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3), }");
    expect((await set("x", empty)).shape).toEqual([0, 3]);
  });

  it.each([
    ["no NumPy file", new TextEncoder().encode("hello, world"), "is not a NumPy file"],
    ["cut off", concatBytes([npyHeader("<f4", [100]), new Uint8Array(50)]), "but its header says"],
    ["of a size that lies", npyHeader("<f4", [2 ** 40]), "but its header says"],
    ["of dates", concatBytes([npyHeader("<M8", [1]), new Uint8Array(8)]), "NumPy's type"],
    ["of raw bits without a dtype", concatBytes([npyHeader("|V1", [1]), new Uint8Array(1)]), "raw bits"],
  ])("that is %s is refused", async (_, bytes, message) => {
    await expect(set("new", bytes)).rejects.toThrow(message);
  });
});

it("every dtype can be reshaped and cut", async () => {
  for (const dtype of V2_DTYPES) {
    const tensor = randomTensor(new Random(1), dtype, [4, 6]);
    const storage = await storageWith({ x: tensor });
    const steps: EditStep[] = [
      { reshape: "x", shape: [3, -1, 2] },
      { reslice: "x", slices: 2, axis: 1 },
    ];
    const { dtype: found, shape, data } = await edited(storage, "x", ...steps);
    expect([found, shape]).toEqual([dtype, [3, 4, 2]]);
    expect(Array.from(data as ArrayLike<unknown>)).toEqual(Array.from(tensor.data as ArrayLike<unknown>));
  }
});
