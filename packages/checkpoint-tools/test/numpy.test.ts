import { readFileSync } from "node:fs";
import { elementReader, formatTensor, toNpy } from "@tfsaver/checkpoint-tools";
import { allocateTensor, type DType, isNumeric, makeTensor, type Tensor, tensorBytes } from "@tfsaver/core";
import { describe, expect, it } from "vitest";
import { jsonLines } from "../../../fixtures/json-lines.js";

interface Row {
  readonly dtype: DType;
  readonly shape: number[];
  readonly bytes?: string;
  readonly strings?: string[];
  readonly text?: string;
  readonly npy?: string;
}

const file = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");
const rows = jsonLines<Row>(file("numpy-arrays.jsonl"));

function tensorOf({ dtype, shape, bytes = "", strings = [] }: Row): Tensor {
  if (!isNumeric(dtype)) {
    return makeTensor(
      dtype,
      shape,
      strings.map((item) => Uint8Array.from(Buffer.from(item, "hex"))),
    );
  }
  const tensor = allocateTensor(dtype, shape);
  tensorBytes(tensor).set(Buffer.from(bytes, "hex"));
  return tensor;
}

describe("formatTensor, compared with NumPy's text", () => {
  for (const [index, row] of rows.entries()) {
    if (row.text === undefined) continue;
    it(`is printed as by NumPy: array ${index + 1}, ${row.dtype} [${row.shape}]`, () => {
      expect(formatTensor(tensorOf(row))).toBe(row.text);
    });
  }
});

describe("toNpy, compared with NumPy's files", () => {
  for (const [index, row] of rows.entries()) {
    if (row.npy === undefined) continue;
    it(`is saved as by NumPy: array ${index + 1}, ${row.dtype} [${row.shape}]`, () => {
      const bytes = Buffer.concat(toNpy(tensorOf(row)));
      expect(bytes.toString("latin1")).toBe(Buffer.from(row.npy as string, "hex").toString("latin1"));
    });
  }

  it("does not copy the elements", () => {
    const tensor = allocateTensor("float32", [1000]);
    expect(toNpy(tensor)[1]?.buffer).toBe(tensor.data.buffer);
  });

  it("refuses strings that end in a zero byte", () => {
    const tensor = makeTensor("string", [2], [Uint8Array.of(1), Uint8Array.of(1, 0)]);
    expect(() => toNpy(tensor)).toThrow("Element 1 ends in a zero byte");
  });
});

describe("small float types", () => {
  const known: Record<string, (number | string)[]> = JSON.parse(file("numpy-small-floats.json"));
  it.each(Object.entries(known))("%s", (dtype, values) => {
    const bits = Uint8Array.from(values.keys());
    const read = elementReader(makeTensor(dtype as DType, [bits.length], bits));
    expect(values.map((_, index) => read(index))).toEqual(
      values.map((value) => (typeof value === "string" ? Number(value.replace("inf", "Infinity")) : value)),
    );
  });
});
