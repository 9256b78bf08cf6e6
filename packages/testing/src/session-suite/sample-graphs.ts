import {
  allocateTensor,
  type DType,
  dtypeInfo,
  makeTensor,
  numElements,
  type Tensor,
  tensorBytes,
} from "@tfsaver/core";
import { Graph, identity, type Operation, type Output, placeholder, Variable } from "@tfsaver/graph";
import { ensureEqual } from "../assertions.js";

const TEXTS = [[97, 98], [], [0], [255, 254, 10], Array.from({ length: 300 }, (_, i) => i % 256)];

/**
 * Makes a tensor whose bytes differ between elements, including bytes that are easily lost in a conversion to numbers.
 */
export function sample(dtype: DType, shape: readonly number[], from = 0): Tensor {
  const count = numElements(shape);
  if (dtype === "string") {
    const texts = Array.from({ length: count }, (_, i) => Uint8Array.from(TEXTS[(from + i) % TEXTS.length] ?? []));
    return makeTensor("string", shape, texts);
  }
  const { bits } = dtypeInfo(dtype);
  const tensor = allocateTensor(dtype, shape);
  const bytes = tensorBytes(tensor);
  for (let i = 0; i < bytes.length; i++) {
    const byte = (17 + 89 * (i + from)) % 251;
    bytes[i] = dtype === "bool" ? byte % 2 : byte & (bits < 8 ? (1 << bits) - 1 : 255);
  }
  return tensor;
}

/** Fails unless both tensors have the same dtype, shape and bytes. */
export function ensureTensor(actual: Tensor | null | undefined, expected: Tensor, what: string): void {
  ensureEqual(actual && describe(actual), describe(expected), what);
}

function describe(tensor: Tensor): object {
  const { dtype, shape, data } = tensor;
  if (dtype === "string") return { dtype, shape, elements: (data as Uint8Array[]).map((text) => [...text]) };
  const bytes = tensorBytes(tensor);
  return { dtype, shape, bytes: bytes.length < 1000 ? [...bytes] : `${bytes.length} bytes, sum ${sumOf(bytes)}` };
}

/** Sums up bytes, to tell large tensors apart. */
function sumOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 0);
}

/** A variable, and an operation that adds one to it. Its value is the number of runs of the operation. */
export interface Counter {
  readonly variable: Variable;
  readonly increment: Operation;
}

/** Adds a counter that starts at 0. */
export function counter(graph: Graph, name: string): Counter {
  const variable = Variable.create(0, { graph, name });
  const increment = variable.assignAdd(1, { name: `${name}_increment`, readValue: false });
  return { variable, increment };
}

/** Returns the only element of a float32 tensor. */
export function numberOf(tensor: Tensor): number {
  return Number((tensor.data as Float32Array)[0]);
}

/** Makes a graph with a placeholder and a copy of its value. */
export function echo(dtype: DType): { readonly graph: Graph; readonly input: Output; readonly output: Output } {
  const graph = new Graph();
  const input = placeholder(dtype, { graph, name: "input" });
  return { graph, input, output: identity(input, { name: "output" }) };
}
