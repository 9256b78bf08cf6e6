import {
  type DType,
  isFullyDefined,
  type Shape,
  shapesEqual,
  type TensorLike,
  tensorPart,
  toTensor,
  UnimplementedError,
  ValueError,
} from "@tfsaver/core";
import { SaveSliceInfoDef } from "@tfsaver/proto/graph";
import { attr } from "../model/attributes.js";
import { getDefaultGraph } from "../model/default-graph.js";
import type { Graph } from "../model/graph.js";
import { Output } from "../model/operation.js";
import { constant, identity } from "../ops/values.js";
import { Variable, type VariableOptions } from "./variable.js";

/** Options of {@link PartitionedVariable.create}: those of its parts, and how it is cut. */
export interface PartitionedVariableOptions
  extends Pick<VariableOptions, "graph" | "dtype" | "shape" | "trainable" | "useResource" | "collections"> {
  /** Within the name scopes around. The parts are `name/part_0`, `name/part_1` …. */
  readonly name: string;
  /** How many parts, at least 1; no more are made than the axis is long. */
  readonly partitions: number;
  /** The dimension that is cut, counted from 0. Default: 0. */
  readonly axis?: number | undefined;
}

/** What a variable in parts looks like from outside: every part knows it. */
type Info = SaveSliceInfoDef;

/**
 * A variable that is held in parts (`tf.compat.v1` `PartitionedVariable`), each a {@link Variable} of its own, perhaps on
 * a device of its own. In a checkpoint it is one tensor. Iterating gives the parts in the order of their offsets.
 */
export class PartitionedVariable implements Iterable<Variable> {
  /** The parts, in the order of their offsets. */
  readonly parts: readonly Variable[];
  /** The name of the whole, in checkpoints too, without `:0`. */
  readonly name: string;
  /** The shape of the whole. */
  readonly shape: Shape;
  readonly dtype: DType;
  /** Into how many parts each dimension is cut. */
  readonly partitions: readonly number[];

  /**
   * The variable that some parts are, all of them known by their `saveSliceInfo`, such as those of an imported graph.
   *
   * @throws `ValueError` if there are none, one is no part, or they are not of one variable and dtype.
   */
  constructor(parts: readonly Variable[]) {
    const infos = new Map(parts.map((part) => [part, infoOf(part)]));
    const [first] = parts;
    const whole = first && infos.get(first);
    if (first === undefined || whole === undefined) throw new ValueError("A variable needs at least one part");
    for (const [part, { fullName, fullShape }] of infos) {
      if (fullName !== whole.fullName || !shapesEqual(fullShape, whole.fullShape) || part.dtype !== first.dtype) {
        throw new ValueError(`${part.name} and ${first.name} are parts of different variables`);
      }
    }
    const offsets = (part: Variable) => (infos.get(part) as Info).varOffset;
    this.parts = [...parts].sort((a, b) => compareOffsets(offsets(a), offsets(b)));
    this.name = whole.fullName;
    this.shape = whole.fullShape;
    this.dtype = first.dtype;
    this.partitions = this.shape.map((_, d) => new Set(parts.map((part) => offsets(part)[d])).size);
  }

  /**
   * Adds a variable in parts to a graph, cut along one axis as `tf.compat.v1.fixed_size_partitioner` cuts it: if the
   * parts can't be of one size, the first ones have one more.
   *
   * Of an output, the parts' initial values are cut in the graph, by the operations that `tf.compat.v1.get_variable`
   * adds. Of a value, each part's piece is a constant; Python would put the whole value into the graph once per part.
   *
   * @throws `ValueError` if there is such a variable already, there is no such axis or nothing to cut, or an output's
   * shape is not known; otherwise as {@link Variable.create}.
   */
  static create(initialValue: TensorLike | Output, options: PartitionedVariableOptions): PartitionedVariable {
    const { partitions, axis = 0, ...rest } = options;
    const graph = rest.graph ?? (initialValue instanceof Output ? initialValue.graph : getDefaultGraph());
    const value = initialValue instanceof Output ? initialValue : toTensor(initialValue, rest.dtype, rest.shape);
    const { shape } = value;
    const fullName = graph.nameScope === "" ? rest.name : `${graph.nameScope}/${rest.name}`;
    if (!isFullyDefined(shape)) throw new ValueError(`The shape of the initial value of ${fullName} is not known`);
    if (graph.findOperation(`${fullName}/part_0`) !== undefined) {
      throw new ValueError(`Partitioned variable with name ${fullName} already exists`);
    }
    const parts = cut(shape, partitions, axis).map((slice, i) => {
      const name = `${rest.name}/part_${i}`;
      const saveSliceInfo = SaveSliceInfoDef.create({
        fullName,
        fullShape: [...shape],
        varOffset: slice.map(({ start }) => start),
        varShape: slice.map(({ length }) => length),
      });
      const piece = value instanceof Output ? sliceOutput(value, slice, name) : tensorPart(value, slice);
      return Variable.create(piece, { ...rest, graph, name, shape: saveSliceInfo.varShape, saveSliceInfo });
    });
    return new PartitionedVariable(parts);
  }

  get graph(): Graph {
    return (this.parts[0] as Variable).graph;
  }

  [Symbol.iterator](): Iterator<Variable> {
    return this.parts[Symbol.iterator]();
  }

  /**
   * Adds operations that put the parts together, and gives the whole value, named as the variable is
   * (`PartitionedVariable.as_tensor`). Control dependencies around are left out, as for a variable's value.
   *
   * @throws `UnimplementedError` if more than one dimension is cut, as in TensorFlow.
   */
  asTensor(): Output {
    const { graph, name, parts, partitions } = this;
    const axes = partitions.flatMap((count, d) => (count > 1 ? [d] : []));
    if (axes.length > 1) {
      throw new UnimplementedError(`Cannot concatenate along more than one dimension: ${axes.join(", ")}`);
    }
    return graph.withControlDependencies(null, () => {
      const [first, ...others] = parts as [Variable, ...Variable[]];
      if (others.length === 0) {
        return atRoot(graph, name, (scope) => identity(readOf(first), { name: scope }));
      }
      const joined = graph.withNameScope(`${name}/ConcatPartitions/`, () => concat(graph, parts, axes[0] ?? 0));
      return atRoot(graph, name, (scope) => identity(joined, { name: scope }));
    });
  }
}

function infoOf(part: Variable): Info {
  if (part.saveSliceInfo === undefined) {
    throw new ValueError(`All variables must have a save_slice_info available: ${part.name}`);
  }
  return part.saveSliceInfo;
}

function compareOffsets(a: readonly number[], b: readonly number[]): number {
  const d = a.findIndex((offset, i) => offset !== b[i]);
  return (a[d] ?? 0) - (b[d] ?? 0);
}

interface Span {
  readonly start: number;
  readonly length: number;
}

function cut(shape: Shape, partitions: number, axis: number): Span[][] {
  const size = shape[axis];
  if (size === undefined) throw new ValueError(`There is no axis ${axis} in a shape of ${shape.length} dimensions`);
  const count = Math.min(partitions, size);
  if (!(count >= 1) || !Number.isInteger(count)) {
    throw new ValueError(`An axis of length ${size} can't be cut into ${partitions} parts`);
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

/** A piece of a value, cut out in the graph (`tf.slice`). */
function sliceOutput(value: Output, slice: readonly Span[], partName: string): Output {
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

/** A reference has a read already; a resource is read where its value is used. */
function readOf({ graph, isResource, handle, snapshot, dtype }: Variable): Output {
  if (!isResource) return snapshot;
  const read = () => graph.createOperation("ReadVariableOp", { inputs: [handle], attrs: { dtype: attr.type(dtype) } });
  return graph.withColocation(null, read).outputs[0] as Output;
}

function concat(graph: Graph, parts: readonly Variable[], axis: number): Output {
  return graph.withNameScope("concat", (scope) => {
    const reads = parts.map(readOf);
    const inputs = [...reads, constant(axis, { graph, dtype: "int32", name: "axis" })];
    const attrs = {
      N: attr.int(reads.length),
      T: attr.type((parts[0] as Variable).dtype),
      Tidx: attr.type("int32"),
    };
    return graph.createOperation("ConcatV2", { name: scope, inputs, attrs }).outputs[0] as Output;
  });
}

/** Runs `build` in a scope of a name that is not within those around. */
function atRoot<T>(graph: Graph, name: string, build: (scope: string) => T): T {
  return graph.withNameScope("", () => graph.withNameScope(name, build));
}
