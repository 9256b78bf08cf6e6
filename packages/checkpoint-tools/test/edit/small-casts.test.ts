import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { editCheckpoint, elementReader } from "@tfsaver/checkpoint-tools";
import { type DType, dtypeInfo, makeTensor, type Tensor, tensorBytes, tensorFromBytes, toTensor } from "@tfsaver/core";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { fromBase64, hex } from "../../../../fixtures/bytes.js";
import casts from "../numpy-small-casts.json" with { type: "json" };
import { save } from "../storages.js";

async function cast(tensor: Tensor, dtype: DType): Promise<Uint8Array> {
  const storage = new MemoryStorage();
  await save(storage, "m", { x: tensor });
  await editCheckpoint("m", "out", { steps: [{ cast: dtype, match: ["x"] }], storage });
  await using reader = await openCheckpoint("out", { storage });
  const found = await reader.get("x");
  expect(found.dtype).toBe(dtype);
  return tensorBytes(found);
}

/** Returns all values of a dtype; of `float32` and `float64` those near which the rounding changes. */
function sourceOf(dtype: DType, points: string): Tensor {
  if (dtype === "float32" || dtype === "float64") {
    const numbers = new Float32Array(fromBase64(points).slice().buffer);
    return makeTensor(dtype, [numbers.length], dtype === "float32" ? numbers : Float64Array.from(numbers));
  }
  const { bits, size } = dtypeInfo(dtype);
  const raw = size === 2 ? Uint16Array.from({ length: 1 << 16 }, (_, i) => i) : undefined;
  const bytes = raw === undefined ? Uint8Array.from({ length: 1 << bits }, (_, i) => i) : new Uint8Array(raw.buffer);
  return tensorFromBytes(dtype, [bytes.length / size], bytes);
}

/** Keeps the elements of which NumPy's results are recorded: no NaN, and for integers only what they can hold. */
function used(tensor: Tensor, target: DType): Tensor {
  const elementAt = elementReader(tensor);
  const { bits } = dtypeInfo(target);
  const isInteger = /^u?int/.test(target);
  const [min, max] = target.startsWith("u") ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  const isUsed = (value: number) => {
    const whole = Math.trunc(value);
    return !Number.isNaN(value) && (!isInteger || (whole >= min && whole <= max));
  };
  const kept = Array.from({ length: tensor.shape[0] as number }, (_, i) => i).filter((i) =>
    isUsed(Number(elementAt(i))),
  );
  const data = tensor.data as Uint8Array;
  return makeTensor(
    tensor.dtype,
    [kept.length],
    (data.constructor as Uint8ArrayConstructor).from(kept, (i) => data[i] as number),
  );
}

async function sha256(bytes: Uint8Array): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice())));
}

describe.each(Object.entries(casts) as [DType, Record<string, string>][])("a cast to %s", (target, digests) => {
  it.each(Object.keys(digests).filter((source) => source !== "points") as DType[])(
    "of every value of %s gives the bytes that ml_dtypes gives",
    async (source) => {
      const tensor = used(sourceOf(source, digests.points as string), target);
      expect(await sha256(await cast(tensor, target))).toBe(digests[source]);
    },
  );
});

it.each(Object.keys(casts).filter((dtype) => dtype.startsWith("float")) as DType[])(
  "a cast of NaN to %s is NaN, or -0 where there is none",
  async (target) => {
    const bytes = await cast(toTensor([Number.NaN]), target);
    const value = elementReader(tensorFromBytes(target, [1], bytes))(0);
    expect(value).toBe(target === "float4_e2m1fn" ? -0 : Number.NaN);
  },
);

it.each<[DType, Tensor, string]>([
  ["int4", toTensor([8]), "x can't be cast from float32 to int4: it holds 8, which does not fit"],
  ["uint4", toTensor([-1], "int32"), "x can't be cast from int32 to uint4: it holds -1, which does not fit"],
  ["int2", toTensor([2n]), "x can't be cast from int64 to int2: it holds 2, which does not fit"],
  ["float8_e5m2", toTensor(["a"]), "can't be cast to float8_e5m2: only numbers can be cast"],
  ["float8_e5m2", toTensor([1, 2], "complex64", [1]), "cast complex numbers to complex64 or complex128"],
  ["qint8", toTensor([1]), "can't be cast to qint8: cast to a floating-point, integer or complex dtype, or to bool"],
])("a cast to %s that has no result says what is possible", async (target, tensor, message) => {
  await expect(cast(tensor, target)).rejects.toThrow(message);
});
