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
import { resolveGraph } from "../model/default-graph.js";
import { type Graph, Output } from "../model/graph.js";
import { identity } from "../ops/values.js";
import { concat, cutShape, sliceOutput } from "./partitions.js";
import { Variable } from "./variable.js";
import type { VariableOptions } from "./variable-options.js";

/** Options of {@link PartitionedVariable.create}: those of its parts, and how to cut it. */
export interface PartitionedVariableOptions
  extends Pick<VariableOptions, "graph" | "dtype" | "shape" | "trainable" | "useResource" | "collections"> {
  /** Name within the current name scope. The parts are `name/part_0`, `name/part_1`, …. */
  readonly name: string;
  /** Number of parts, at least 1. At most as many are made as the axis is long. */
  readonly partitions: number;
  /** The dimension to cut, counted from 0. Default: 0. */
  readonly axis?: number | undefined;
}

/**
 * A variable that is stored in parts (`PartitionedVariable` of `tf.compat.v1`). Each part is a {@link Variable} and can be
 * on a device of its own; a checkpoint holds them as one tensor. Iteration gives the parts by their offsets.
 *
 * @example
 * ```ts
 * import { Graph, PartitionedVariable } from "@tfsaver/graph";
 *
 * const value = [[1, 2], [3, 4], [5, 6]];
 * const embedding = PartitionedVariable.create(value, { graph: new Graph(), name: "embedding", partitions: 2 });
 * console.log(embedding.parts.map(({ name, shape }) => [name, shape])); // [["embedding/part_0:0", [2, 2]], …]
 * ```
 */
export class PartitionedVariable implements Iterable<Variable> {
  /** The parts, in the order of their offsets. */
  readonly parts: readonly Variable[];
  /** Name of the whole variable, without `:0`. It is also its name in checkpoints. */
  readonly name: string;
  /** Shape of the whole variable. */
  readonly shape: Shape;
  readonly dtype: DType;
  /** Number of parts along each dimension. */
  readonly partitions: readonly number[];

  /**
   * Wraps parts that exist already, such as those of an imported graph. Each must have a `saveSliceInfo`.
   *
   * @throws `ValueError` if there are no parts, one has no `saveSliceInfo`, or they belong to different variables.
   */
  constructor(parts: readonly Variable[]) {
    const infos = new Map(parts.map((part) => [part, infoOf(part)]));
    const [first] = parts;
    const whole = first && infos.get(first);
    if (first === undefined || whole === undefined)
      throw new ValueError("A partitioned variable needs at least one part");
    for (const [part, { fullName, fullShape }] of infos) {
      if (fullName !== whole.fullName || !shapesEqual(fullShape, whole.fullShape) || part.dtype !== first.dtype) {
        throw new ValueError(`${part.name} and ${first.name} are parts of different variables`);
      }
    }
    const offsets = (part: Variable) => (infos.get(part) as SaveSliceInfoDef).varOffset;
    this.parts = [...parts].sort((a, b) => compareOffsets(offsets(a), offsets(b)));
    this.name = whole.fullName;
    this.shape = whole.fullShape;
    this.dtype = first.dtype;
    this.partitions = this.shape.map((_, d) => new Set(parts.map((part) => offsets(part)[d])).size);
  }

  /**
   * Adds a partitioned variable to a graph, cut along one axis like `tf.compat.v1.fixed_size_partitioner`: if the parts
   * can't have equal sizes, the first ones are longer by one.
   *
   * An output is cut by operations, the same as those of `tf.compat.v1.get_variable`. A value is cut here, and each part
   * gets its piece as a constant; Python would store the whole value once per part.
   *
   * @throws `ValueError` if the variable exists already, the axis can't be cut, or the shape of an output is unknown;
   * otherwise as {@link Variable.create}.
   */
  static create(initialValue: TensorLike | Output, options: PartitionedVariableOptions): PartitionedVariable {
    const { partitions, axis = 0, ...rest } = options;
    const graph = resolveGraph(rest.graph ?? (initialValue instanceof Output ? initialValue.graph : undefined));
    const value =
      initialValue instanceof Output
        ? initialValue
        : toTensor(initialValue, rest.dtype, rest.shape, `Variable ${rest.name}`);
    const { shape } = value;
    const fullName = graph.nameScope === "" ? rest.name : `${graph.nameScope}/${rest.name}`;
    if (!isFullyDefined(shape)) throw new ValueError(`The shape of the initial value of ${fullName} is unknown`);
    if (graph.findOperation(`${fullName}/part_0`) !== undefined) {
      throw new ValueError(`Partitioned variable with name ${fullName} already exists`);
    }
    const parts = cutShape(shape, partitions, axis).map((slice, i) => {
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
   * Adds the operations that join the parts, and returns the whole value under the variable's name
   * (`PartitionedVariable.as_tensor`). As for a variable's value, the control dependency scopes don't apply.
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
        return atRoot(graph, name, (scope) => identity(first.value(), { name: scope }));
      }
      const joined = graph.withNameScope(`${name}/ConcatPartitions/`, () => concat(graph, parts, axes[0] ?? 0));
      return atRoot(graph, name, (scope) => identity(joined, { name: scope }));
    });
  }
}

function infoOf(part: Variable): SaveSliceInfoDef {
  if (part.saveSliceInfo === undefined) {
    throw new ValueError(`All variables must have a save_slice_info available: ${part.name}`);
  }
  return part.saveSliceInfo;
}

function compareOffsets(a: readonly number[], b: readonly number[]): number {
  const d = a.findIndex((offset, i) => offset !== b[i]);
  return (a[d] ?? 0) - (b[d] ?? 0);
}

/** Runs `build` in a name scope at the root. */
function atRoot<T>(graph: Graph, name: string, build: (scope: string) => T): T {
  return graph.withNameScope("", () => graph.withNameScope(name, build));
}
