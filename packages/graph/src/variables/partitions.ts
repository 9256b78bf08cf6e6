import { type DType, type Shape, ValueError } from "@tfsaver/core";
import { attr } from "../model/attributes.js";
import type { Graph, Output } from "../model/graph.js";
import { constant } from "../ops/values.js";
import { addValue, type GraphValue } from "./assign-nodes.js";
import type { Variable } from "./variable.js";

/** The range of one dimension that a part covers. */
interface Span {
  readonly start: number;
  readonly length: number;
}

/**
 * Cuts a shape along one axis. If the parts can't have equal sizes, the first ones are longer by one.
 *
 * @throws `ValueError` if the shape has no such axis or the number of parts is not a positive integer.
 */
export function cutShape(shape: Shape, partitions: number, axis: number): Span[][] {
  const size = shape[axis];
  if (size === undefined)
    throw new ValueError(`axis ${axis} is out of range for a shape of ${shape.length} dimensions`);
  const count = Math.min(partitions, size);
  if (!(count >= 1) || !Number.isInteger(count)) {
    throw new ValueError(`An axis of length ${size} can't be cut into ${partitions} partitions`);
  }
  const longer = size % count;
  let start = 0;
  return Array.from({ length: count }, (_, i) => {
    const length = Math.floor(size / count) + (i < longer ? 1 : 0);
    const slice = shape.map((full, d) => (d === axis ? { start, length } : { start: 0, length: full }));
    start += length;
    return slice;
  });
}

/** Adds the operation that cuts a part out of a value (`tf.slice`). */
export function sliceOutput(value: Output, slice: readonly Span[], partName: string): Output {
  const { graph } = value;
  const int32 = (numbers: readonly number[], name: string) => constant(Int32Array.from(numbers), { graph, name });
  return graph.withNameScope(`${partName}/PartitionedInitializer`, () =>
    graph.withNameScope("Slice", (scope) => {
      const begin = int32(
        slice.map(({ start }) => start),
        "begin",
      );
      const size = int32(
        slice.map(({ length }) => length),
        "size",
      );
      const attrs = { T: attr.type(value.dtype as DType), Index: attr.type("int32") };
      return graph.createOperation("Slice", { name: scope, inputs: [value, begin, size], attrs }).outputs[0] as Output;
    }),
  );
}

/** Adds the operation that joins parts along an axis (`tf.concat`). */
export function concat(graph: Graph, parts: readonly Variable[], axis: number): Output {
  return graph.withNameScope("concat", (scope) => {
    const reads = parts.map((part) => part.value());
    const inputs = [...reads, constant(axis, { graph, dtype: "int32", name: "axis" })];
    const attrs = {
      N: attr.int(reads.length),
      T: attr.type((parts[0] as Variable).dtype),
      Tidx: attr.type("int32"),
    };
    return graph.createOperation("ConcatV2", { name: scope, inputs, attrs }).outputs[0] as Output;
  });
}

/**
 * Adds the operation that cuts a value into parts along an axis (`tf.split`), and returns them.
 *
 * @param sizes - length of each part
 */
export function split(graph: Graph, value: GraphValue, sizes: readonly number[], axis: number): readonly Output[] {
  const sizeSplits = constant(Int32Array.from(sizes), { graph });
  return graph.withNameScope("split", (scope) => {
    const whole = addValue(graph, value, "value");
    const splitDim = constant(axis, { graph, dtype: "int32", name: "split_dim" });
    const attrs = {
      T: attr.type(whole.dtype as DType),
      Tlen: attr.type("int32"),
      num_split: attr.int(sizes.length),
    };
    return graph.createOperation("SplitV", { name: scope, inputs: [whole, sizeSplits, splitDim], attrs }).outputs;
  });
}
