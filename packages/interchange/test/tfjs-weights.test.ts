import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { isNumeric, makeTensor, type Tensor, tensorBytes, tensorStrings, toTensor } from "@tfsaver/core";
import { openTfjsWeights, writeTfjsWeights } from "@tfsaver/interchange/tfjs-weights";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { goldensFolder } from "../../../fixtures/goldens.js";
import { putFile } from "../../../fixtures/storage-files.js";
import { checkpointOf, contentOf, expectAllOrNothing, filesOf } from "./sources.js";
import { TFJS_WEIGHTS as WEIGHTS } from "./tfjs-content.js";

function plain({ dtype, shape, data }: Tensor) {
  if (!isNumeric(dtype))
    return { dtype, shape, values: tensorStrings({ dtype, shape, data }).map((text) => [...text]) };
  return { dtype, shape, values: [...tensorBytes({ dtype, shape, data })] };
}

describe("writeTfjsWeights", () => {
  it("writes weights that come back bit for bit", async () => {
    const { storage, reader } = await checkpointOf(WEIGHTS);
    const { files } = await writeTfjsWeights(reader, "model.json", { storage, shards: 5 });
    expect(files).toHaveLength(6);
    expect(files[1]).toBe("group1-shard2of5.bin");
    const source = await openTfjsWeights("model.json", { storage });
    expect(await contentOf(source)).toEqual(await contentOf(reader));
    for (const [name, wanted] of Object.entries(WEIGHTS)) expect(plain(await source.get(name))).toEqual(plain(wanted));
  });

  it("refuses what TensorFlow.js lacks by name, and casts it if it may and the numbers fit", async () => {
    const { storage, reader } = await checkpointOf({
      step: toTensor(7n),
      double: toTensor([1.5], "float64"),
      brain: toTensor([0.5], "bfloat16"),
      wave: makeTensor("complex128", [], Float64Array.of(1, 2)),
    });
    await expect(writeTfjsWeights(reader, "model.json", { storage })).rejects.toThrow(
      "TensorFlow.js can't hold 4 of 4 tensors bit for bit: brain (bfloat16), double (float64), step (int64), wave (complex128).",
    );
    const made = await writeTfjsWeights(reader, "model.json", { storage, cast: true, dropUnsupported: true });
    expect(made.cast).toContainEqual({ name: "step", from: "int64", to: "int32" });
    expect(made.dropped).toEqual(["wave"]);
    const source = await openTfjsWeights("model.json", { storage });
    expect([...((await source.get("brain")).data as Float32Array)]).toEqual([0.5]);
    const { storage: other, reader: large } = await checkpointOf({ step: toTensor(2n ** 31n) });
    const before = await filesOf(other);
    await expect(writeTfjsWeights(large, "model.json", { storage: other, cast: true })).rejects.toThrow(
      "step can't be cast to int32: its element 0 is 2147483648",
    );
    expect(await filesOf(other)).toEqual(before);
  });

  it("carries the object graph and the counter of saves, and gives them back", async () => {
    const storage = new MemoryStorage();
    await using reader = await openCheckpoint(`${goldensFolder}object-based/ckpt-1`);
    await writeTfjsWeights(reader, "model.json", { storage, cast: true });
    const source = await openTfjsWeights("model.json", { storage });
    const [before, after] = [await contentOf(reader), await contentOf(source)];
    expect(Object.keys(after)).toEqual(Object.keys(before));
    for (const key of ["_CHECKPOINTABLE_OBJECT_GRAPH", "save_counter/.ATTRIBUTES/VARIABLE_VALUE"]) {
      expect(after[key]).toEqual(before[key]);
    }
  });

  it("is all or nothing, whatever operation fails", async () => {
    const { storage, reader } = await checkpointOf({ a: toTensor([1, 2]), b: toTensor("text") });
    await storage.createDirectory("out");
    await expectAllOrNothing(
      storage,
      3,
      (faulty) => writeTfjsWeights(reader, "out/model.json", { storage: faulty, shards: 2 }),
      "out/",
    );
  });
});

describe("openTfjsWeights", () => {
  it.each(["uint8", "uint16", "float16"] as const)(
    "reads weights quantized to %s as TensorFlow.js does",
    async (dtype) => {
      const storage = new MemoryStorage();
      const quantization = dtype === "float16" ? { dtype } : { dtype, scale: 0.1234567, min: -3.3 };
      const bytes = Uint8Array.from({ length: 240 }, (_, i) => (i % 4 === 3 ? i % 60 : i));
      const shape = [dtype === "uint8" ? 240 : 120];
      const weights = [{ name: "w", dtype: "float32", shape, quantization }];
      await putFile(storage, "model.json", JSON.stringify({ weightsManifest: [{ paths: ["a.bin"], weights }] }));
      await putFile(storage, "a.bin", bytes);
      const source = await openTfjsWeights("model.json", { storage });
      const found = (await source.get("w")).data as Float32Array;
      const half = new Uint16Array(bytes.buffer);
      const wanted =
        dtype === "float16"
          ? [...half].map((bits) => toNumber(bits))
          : [...(dtype === "uint8" ? bytes : half)].map((value) => Math.fround(value * 0.1234567 - 3.3));
      expect([...found]).toEqual(wanted);
    },
  );
});

function toNumber(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24);
}
