import {
  isTensor,
  type PartialShape,
  shapesCompatible,
  type Tensor,
  type TensorLike,
  toTensor,
  ValueError,
} from "@tfsaver/core";
import { type Graph, Output } from "./model/graph.js";
import type { Feeds } from "./session.js";
import { Variable } from "./variables/variable.js";

/**
 * Resolves the feeds of a run to outputs, and converts their values to tensors of the outputs' dtypes. Implementations of
 * {@link Session} use it.
 *
 * @param onShared - called for each tensor whose memory the caller can still write to
 *
 * @example
 * ```ts
 * import { Graph, placeholder, resolveFeeds } from "@tfsaver/graph";
 *
 * const graph = new Graph();
 * const x = placeholder("float32", { graph, name: "x" });
 * console.log(resolveFeeds(graph, { "x:0": [1, 2] }).get(x)?.shape); // [ 2 ]
 * ```
 *
 * @throws `ValueError` if a key is not a tensor of the graph, or a value doesn't fit its shape; `InvalidArgumentError` if
 * a value doesn't fit the dtype; `TypeError` if a key or value is of a wrong type.
 */
export function resolveFeeds(
  graph: Graph,
  feeds: Feeds,
  onShared: (tensor: Tensor) => void = () => {},
): Map<Output, Tensor> {
  if (typeof feeds !== "object" || feeds === null) throw new TypeError("feeds must be a Map or an object of values");
  const fed = new Map<Output, Tensor>();
  const entries = feeds instanceof Map ? feeds : Object.entries(feeds as Readonly<Record<string, TensorLike>>);
  for (const [key, value] of entries as Iterable<[Output | Variable | string, TensorLike]>) {
    const output = resolveKey(graph, key);
    const tensor = asTensor(value, output);
    if (!shapesCompatible(tensor.shape, output.shape)) {
      throw new ValueError(
        `Cannot feed value of shape ${pythonShape(tensor.shape)} for Tensor ${output.name}, which has shape ` +
          pythonShape(output.shape),
      );
    }
    if (sharesMemory(tensor, value)) onShared(tensor);
    fed.set(output, tensor);
  }
  return fed;
}

function resolveKey(graph: Graph, key: Output | Variable | string): Output {
  if (typeof key === "string") {
    try {
      return graph.output(key);
    } catch (cause) {
      throw new ValueError(`Cannot interpret feed_dict key as Tensor: ${(cause as Error).message}`, { cause });
    }
  }
  const output = key instanceof Variable ? key.graphElement : key;
  if (!(output instanceof Output)) {
    throw new TypeError(`Cannot interpret feed_dict key as Tensor: it is ${String(output)}`);
  }
  if (output.graph !== graph) {
    throw new ValueError(`Cannot interpret feed_dict key as Tensor: ${output.name} is not an element of this graph.`);
  }
  return output;
}

function asTensor(value: TensorLike, output: Output): Tensor {
  if (value === undefined || value === null) {
    throw new TypeError(`Cannot feed ${String(value)} for Tensor ${output.name}`);
  }
  return toTensor(value, output.dtype, undefined, `Cannot feed Tensor ${output.name}`);
}

/** True if the caller can still write to the memory of the tensor that was made from `value`. */
function sharesMemory(tensor: Tensor, value: TensorLike): boolean {
  if (isTensor(value)) return true;
  if (tensor.dtype === "string") return typeof value !== "string";
  return ArrayBuffer.isView(value) && ArrayBuffer.isView(tensor.data) && tensor.data.buffer === value.buffer;
}

/** Prints a shape as a Python tuple, which is how TensorFlow's message shows it. */
function pythonShape(shape: PartialShape): string {
  if (shape === undefined) return "<unknown>";
  const dims = shape.map((dim) => (dim < 0 ? "None" : String(dim)));
  return dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(", ")})`;
}
