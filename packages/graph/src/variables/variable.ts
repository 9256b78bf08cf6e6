import { type DType, NotFoundError, type PartialShape, type TensorLike, toTensor } from "@tfsaver/core";
import { type SaveSliceInfoDef, VariableDef } from "@tfsaver/proto/graph";
import { resolveGraph } from "../model/default-graph.js";
import { type Graph, type Operation, Output } from "../model/graph.js";
import { GraphKeys } from "../model/graph-keys.js";
import { opNameOf, prependNameScope, stripNameScope } from "../model/name-scopes.js";
import { addReferenceNodes, addResourceNodes, type VariableNodes } from "./variable-nodes.js";
import type { VariableOptions } from "./variable-options.js";

type VariableParts = VariableNodes &
  Pick<Variable, "trainable" | "synchronization" | "aggregation" | "saveSliceInfo" | "unknownFields">;

/**
 * A variable of a graph (`tf.compat.v1.Variable`): the operations that hold, initialize and read it.
 * {@link Variable.create} makes one; {@link Variable.fromProto} finds one in an imported graph.
 *
 * @example
 * ```ts
 * import { Graph, Variable } from "@tfsaver/graph";
 *
 * const weights = Variable.create([[1, 2], [3, 4]], { graph: new Graph(), name: "weights" });
 * console.log(weights.name, weights.dtype, weights.shape); // weights:0 float32 [ 2, 2 ]
 * console.log(weights.initializer.name); // weights/Assign
 * ```
 */
export class Variable {
  /** The reference itself, or the resource's handle. */
  readonly handle: Output;
  /** Assigns the initial value. */
  readonly initializer: Operation;
  /** A read of the value. */
  readonly snapshot: Output;
  readonly initialValue: Output | undefined;
  readonly isResource: boolean;
  readonly trainable: boolean;
  /** `tf.VariableSynchronization` as a number. */
  readonly synchronization: number;
  /** `tf.VariableAggregation` as a number. */
  readonly aggregation: number;
  /** The part of a partitioned variable that this is, if it is one. */
  readonly saveSliceInfo: SaveSliceInfoDef | undefined;
  /** Fields of an imported description that are unknown here. They are exported again unchanged. */
  readonly unknownFields: Uint8Array[] | undefined;

  private constructor(parts: VariableParts) {
    this.handle = parts.handle;
    this.initializer = parts.initializer;
    this.snapshot = parts.snapshot;
    this.initialValue = parts.initialValue;
    this.isResource = parts.isResource;
    this.trainable = parts.trainable;
    this.synchronization = parts.synchronization;
    this.aggregation = parts.aggregation;
    this.saveSliceInfo = parts.saveSliceInfo;
    this.unknownFields = parts.unknownFields;
  }

  /** `operation:0`. */
  get name(): string {
    return this.handle.name;
  }

  /** The operation that holds the variable. Its name is the variable's name in a checkpoint. */
  get op(): Operation {
    return this.handle.op;
  }

  get graph(): Graph {
    return this.op.graph;
  }

  get device(): string {
    return this.op.device;
  }

  /** The output that stands for the value: the reference itself, or the read that was made with the resource. */
  get graphElement(): Output {
    if (!this.isResource) return this.handle;
    // With a caching device, the snapshot is a copy of that read.
    return this.graph.findOperation(`${this.op.name}/Read/ReadVariableOp`)?.outputs[0] ?? this.snapshot;
  }

  get dtype(): DType {
    return this.isResource ? this.op.attributes.type("dtype") : (this.handle.dtype as DType);
  }

  /** The part of the shape that is known when the graph is built. */
  get shape(): PartialShape {
    return this.op.attributes.has("shape") ? this.op.attributes.shape("shape") : this.handle.shape;
  }

  /**
   * Adds a variable to a graph, with the same operations as `tf.compat.v1.Variable`.
   *
   * @param initialValue - a value, which becomes a constant of the graph, or an output that computes it. If the output
   * reads another reference variable, initialize that one first.
   * @throws `InvalidArgumentError` if a value doesn't fit dtype and shape; `ValueError` if an output doesn't, or belongs
   * to another graph; `RuntimeError` if the graph is finalized.
   */
  static create(initialValue: TensorLike | Output, options: VariableOptions = {}): Variable {
    const graph = resolveGraph(options.graph ?? (initialValue instanceof Output ? initialValue.graph : undefined));
    const { trainable = true, name = "Variable", dtype, shape } = options;
    // Converted first, so that a value that does not fit leaves no name behind.
    const value =
      initialValue instanceof Output ? initialValue : toTensor(initialValue, dtype, shape, `Variable ${name}`);
    const addNodes = options.useResource ? addResourceNodes : addReferenceNodes;
    const nodes = graph.withControlDependencies(null, () =>
      graph.withNameScope(name, (scope) => addNodes(graph, scope, value, options)),
    );
    const variable = new Variable({
      ...nodes,
      trainable,
      synchronization: 0,
      aggregation: 0,
      saveSliceInfo: options.saveSliceInfo,
      unknownFields: undefined,
    });
    const { GLOBAL_VARIABLES, TRAINABLE_VARIABLES } = GraphKeys;
    const collections = new Set(options.collections ?? [GLOBAL_VARIABLES]);
    if (trainable) collections.add(TRAINABLE_VARIABLES);
    for (const key of collections) graph.addToCollection(key, variable);
    return variable;
  }

  /**
   * Converts the variable to its description in a meta graph.
   *
   * @param exportScope - name scope to remove from all names
   */
  toProto(exportScope = ""): VariableDef {
    const strip = (name: string) => stripNameScope(name, exportScope);
    return VariableDef.create({
      variableName: strip(this.name),
      initializerName: strip(this.initializer.name),
      snapshotName: strip(this.snapshot.name),
      saveSliceInfoDef: renamed(this.saveSliceInfo, strip),
      isResource: this.isResource,
      initialValueName: strip(this.initialValue?.name ?? ""),
      trainable: this.trainable,
      synchronization: this.synchronization,
      aggregation: this.aggregation,
      unknownFields: this.unknownFields,
    });
  }

  /**
   * Finds the variable of a graph that a description names.
   *
   * @param importScope - name scope that the described graph was imported into
   * @throws `NotFoundError` if the graph lacks an operation that the description names.
   */
  static fromProto(graph: Graph, def: VariableDef, importScope = ""): Variable {
    const find = (name: string) => outputNamed(graph, prependNameScope(name, importScope));
    const handle = find(def.variableName);
    // The oldest descriptions of resource variables don't name their read.
    const isOldForm = def.isResource && def.snapshotName === "";
    return new Variable({
      handle,
      initializer: graph.operation(opNameOf(prependNameScope(def.initializerName, importScope))),
      snapshot: isOldForm ? outputNamed(graph, `${handle.op.name}/Read/ReadVariableOp`) : find(def.snapshotName),
      initialValue: def.initialValueName === "" ? undefined : find(def.initialValueName),
      isResource: def.isResource,
      trainable: def.trainable,
      synchronization: def.synchronization,
      aggregation: def.aggregation,
      saveSliceInfo: renamed(def.saveSliceInfoDef, (name) => prependNameScope(name, importScope)),
      unknownFields: def.unknownFields,
    });
  }
}

function renamed(slice: SaveSliceInfoDef | undefined, rename: (name: string) => string): SaveSliceInfoDef | undefined {
  return slice && { ...slice, fullName: rename(slice.fullName) };
}

/** Finds an output by its own name, or by that of its operation, whose first output it is. */
function outputNamed(graph: Graph, name: string): Output {
  const output = name.includes(":") ? graph.output(name) : graph.operation(name).outputs[0];
  if (output === undefined) throw new NotFoundError(`The operation '${name}' has no output`, { op: name });
  return output;
}
