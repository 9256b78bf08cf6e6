import {
  type DType,
  isFullyDefined,
  isTensor,
  type Shape,
  shapesEqual,
  type Tensor,
  type TensorLike,
  tensorPart,
  toTensor,
  UnimplementedError,
  ValueError,
} from "@tfsaver/core";
import { SaveSliceInfoDef } from "@tfsaver/proto/graph";
import { resolveGraph } from "../model/default-graph.js";
import { type Graph, type Operation, Output } from "../model/graph.js";
import { identity } from "../ops/values.js";
import { fittingValue, type UpdateOptions } from "./assign-nodes.js";
import { concat, cutShape, sliceOutput, split } from "./partitions.js";
import { Variable, type VariableValue } from "./variable.js";
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
 * A value for a partitioned variable: the whole value, a variable that is partitioned in the same way, or a list of one
 * output, variable or tensor for each part.
 */
export type PartitionedValue = VariableValue | PartitionedVariable | readonly (Output | Variable | Tensor)[];

/** Options of an update that returns operations. */
type WithoutRead = UpdateOptions & { readonly readValue: false };
/** Options of an update that returns the new values. */
type WithRead = UpdateOptions & { readonly readValue?: true | undefined };

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
    const { graph, name, parts } = this;
    const axis = this.#axis("concatenate");
    return graph.withControlDependencies(null, () => {
      const [first, ...others] = parts as [Variable, ...Variable[]];
      if (others.length === 0) {
        return atRoot(graph, name, (scope) => identity(first.value(), { name: scope }));
      }
      const joined = graph.withNameScope(`${name}/ConcatPartitions/`, () => concat(graph, parts, axis));
      return atRoot(graph, name, (scope) => identity(joined, { name: scope }));
    });
  }

  /**
   * Adds the operations that set the parts to a value (`PartitionedVariable.assign`): a whole value is split first.
   *
   * @returns what {@link Variable.assign} returns, for each part
   * @throws `UnimplementedError` if more than one dimension is cut, as in TensorFlow; `ValueError` if a list has another
   * number of parts; otherwise as {@link Variable.assign}.
   * @example
   * ```ts
   * import { Graph, PartitionedVariable } from "@tfsaver/graph";
   *
   * const graph = new Graph();
   * const embedding = PartitionedVariable.create([[1, 2], [3, 4]], { graph, name: "embedding", partitions: 2 });
   * console.log(embedding.assign([[5, 6], [7, 8]]).map(({ name }) => name)); // [ "Assign:0", "Assign_1:0" ]
   * ```
   */
  assign(value: PartitionedValue, options?: WithRead): Output[];
  /** Returns the operations, not the new value. */
  assign(value: PartitionedValue, options: WithoutRead): Operation[];
  assign(value: PartitionedValue, options: UpdateOptions = {}): (Output | Operation)[] {
    return this.#update(value, (part, piece) => part.assign(piece, options as WithRead));
  }

  /**
   * Adds the operations that add a value to the parts (`PartitionedVariable.assign_add`), otherwise like
   * {@link PartitionedVariable.assign}.
   */
  assignAdd(delta: PartitionedValue, options?: WithRead): Output[];
  /** Returns the operations, not the new value. */
  assignAdd(delta: PartitionedValue, options: WithoutRead): Operation[];
  assignAdd(delta: PartitionedValue, options: UpdateOptions = {}): (Output | Operation)[] {
    return this.#update(delta, (part, piece) => part.assignAdd(piece, options as WithRead));
  }

  /**
   * Adds the operations that subtract a value from the parts (`PartitionedVariable.assign_sub`), otherwise like
   * {@link PartitionedVariable.assign}.
   */
  assignSub(delta: PartitionedValue, options?: WithRead): Output[];
  /** Returns the operations, not the new value. */
  assignSub(delta: PartitionedValue, options: WithoutRead): Operation[];
  assignSub(delta: PartitionedValue, options: UpdateOptions = {}): (Output | Operation)[] {
    return this.#update(delta, (part, piece) => part.assignSub(piece, options as WithRead));
  }

  #update<T>(given: PartitionedValue, update: (part: Variable, piece: VariableValue) => T): T[] {
    const { parts } = this;
    const pieces = this.#piecesOf(given);
    if (pieces.length !== parts.length) {
      throw new ValueError(`A value for ${this.name} has ${pieces.length} parts, not ${parts.length}`);
    }
    // All are checked before the first is added.
    for (const [i, part] of parts.entries()) fittingValue(part, pieces[i] as VariableValue);
    return parts.map((part, i) => update(part, pieces[i] as VariableValue));
  }

  /** Returns the value of each part. */
  #piecesOf(given: PartitionedValue): readonly VariableValue[] {
    const axis = this.#axis("do assign action");
    if (given instanceof PartitionedVariable) return given.parts;
    if (Array.isArray(given) && given.some(isPartValue)) return given;
    const value = fittingValue(this, given as VariableValue);
    return split(
      this.graph,
      value,
      this.parts.map(({ shape }) => shape?.[axis] ?? -1),
      axis,
    );
  }

  /** Returns the dimension that is cut. */
  #axis(what: string): number {
    const axes = this.partitions.flatMap((count, d) => (count > 1 ? [d] : []));
    if (axes.length <= 1) return axes[0] ?? 0;
    throw new UnimplementedError(`Cannot ${what} along more than one dimension: ${axes.join(", ")}`);
  }
}

function isPartValue(value: unknown): value is Output | Variable | Tensor {
  return value instanceof Output || value instanceof Variable || isTensor(value);
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
