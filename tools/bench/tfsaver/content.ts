import { makeTensor, type Tensor } from "@tfsaver/core";
import type { VariablesSpec } from "../variables.js";

/** Returns the value of a workload's variable, the same as `python/content.py`. */
export function contentOf({ dtype, elements }: VariablesSpec, index: number): Tensor {
  if (dtype === "string") {
    const encoder = new TextEncoder();
    const data = Array.from({ length: elements }, (_, j) => encoder.encode(`string ${(j * 7919) % 1_000_003}`));
    return makeTensor("string", [elements], data);
  }
  const data = new Float32Array(elements);
  for (let j = 0; j < elements; j++) data[j] = (j * 31 + index * 7) % 8191;
  return makeTensor("float32", [elements], data);
}
