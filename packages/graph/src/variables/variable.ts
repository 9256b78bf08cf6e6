import {
  type DType,
  formatShape,
  isFullyDefined,
  NotFoundError,
  type PartialShape,
  type Shape,
  shapesCompatible,
  type TensorLike,
  toTensor,
  ValueError,
} from "@tfsaver/core";
import { type SaveSliceInfoDef, VariableDef } from "@tfsaver/proto/graph";
import { attr } from "../model/attributes.js";
import { getDefaultGraph } from "../model/default-graph.js";
import type { Graph } from "../model/graph.js";
import { GraphKeys } from "../model/graph-keys.js";
import { opNameOf, prependNameScope, stripNameScope } from "../model/names.js";
import { type Operation, Output } from "../model/operation.js";
import { constant } from "../ops/values.js";

/** Options of {@link Variable.create}. */
export interface VariableOptions {
  /** Default: {@link getDefaultGraph}. */
  readonly graph?: Graph | undefined;
  /** Made unique within the name scopes around. Default: `Variable`. */
  readonly name?: string;
  /** Default: that of the initial value. */
  readonly dtype?: DType;
  /** Default: that of the initial value. */
  readonly shape?: Shape;
  /** Whether optimizers should change it. Default: true. */
  readonly trainable?: boolean;
  /** Whether it is held behind a resource handle (TensorFlow 2's kind) or is a reference. Default: false. */
  readonly useResource?: boolean;
  /**
   * Whether the shape of the initial value must be known, and is that of the variable; a reference variable without
   * may take values of any shape. Default: true.
   */
  readonly validateShape?: boolean;
  /** Which part of a partitioned variable this is. A saver saves it under the name of the whole. */
  readonly saveSliceInfo?: SaveSliceInfoDef;
  /** Collections to join. Default: `GraphKeys.GLOBAL_VARIABLES`, and if trainable also `TRAINABLE_VARIABLES`. */
  readonly collections?: readonly string[];
}

type VariableParts = Pick<
  Variable,
  | "handle"
  | "initializer"
  | "snapshot"
  | "initialValue"
  | "isResource"
  | "trainable"
  | "synchronization"
  | "aggregation"
  | "saveSliceInfo"
  | "unknownFields"
>;

/**
 * A variable of a graph (`tf.compat.v1.Variable`): the operations that hold, initialise and read it. Made by
 * {@link Variable.create}, or from an imported graph's description by {@link Variable.fromProto}.
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
  /** Which part of a partitioned variable this is, if it is one. */
  readonly saveSliceInfo: SaveSliceInfoDef | undefined;
  /** Fields of an imported description that are not known here, written out again as they came. */
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

  /** The operation that holds the variable; its name is the variable's in a checkpoint. */
  get op(): Operation {
    return this.handle.op;
  }

  get graph(): Graph {
    return this.op.graph;
  }

  get device(): string {
    return this.op.device;
  }

  /** What stands for the variable's value: the reference itself, or the read that was made with the resource. */
  get graphElement(): Output {
    if (!this.isResource) return this.handle;
    // With a caching device the snapshot is a copy of that read.
    return this.graph.findOperation(`${this.op.name}/Read/ReadVariableOp`)?.outputs[0] ?? this.snapshot;
  }

  get dtype(): DType {
    return this.isResource ? this.op.attributes.type("dtype") : (this.handle.dtype as DType);
  }

  /** As far as it is known when the graph is built. */
  get shape(): PartialShape {
    return this.op.attributes.has("shape") ? this.op.attributes.shape("shape") : this.handle.shape;
  }

  /**
   * Adds a variable to a graph, with the very operations that `tf.compat.v1.Variable` adds.
   *
   * @param initialValue - a value, which becomes a constant of the graph, or an output that computes it. One that reads
   * another reference variable is taken as it is: initialize that one before.
   * @throws `InvalidArgumentError` if a value does not fit dtype and shape; `ValueError` if an output does not, or is of
   * another graph; `RuntimeError` if the graph is finalized.
   */
  static create(initialValue: TensorLike | Output, options: VariableOptions = {}): Variable {
    const graph = options.graph ?? (initialValue instanceof Output ? initialValue.graph : getDefaultGraph());
    const { trainable = true } = options;
    const variable = graph.withControlDependencies(null, () =>
      graph.withNameScope(options.name ?? "Variable", (scope) =>
        options.useResource
          ? createResource(graph, scope, initialValue, options)
          : createReference(graph, scope, initialValue, options),
      ),
    );
    const { GLOBAL_VARIABLES, TRAINABLE_VARIABLES } = GraphKeys;
    const collections = new Set(options.collections ?? [GLOBAL_VARIABLES]);
    if (trainable) collections.add(TRAINABLE_VARIABLES);
    const made = new Variable({
      ...variable,
      trainable,
      synchronization: 0,
      aggregation: 0,
      saveSliceInfo: options.saveSliceInfo,
      unknownFields: undefined,
    });
    for (const key of collections) graph.addToCollection(key, made);
    return made;
  }

  /**
   * The variable's description for a meta graph.
   *
   * @param exportScope - name scope to take from all names
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
   * The variable of a graph that a description speaks of.
   *
   * @param importScope - name scope that the graph it describes was imported into
   * @throws `NotFoundError` if the graph lacks an operation that it names.
   */
  static fromProto(graph: Graph, def: VariableDef, importScope = ""): Variable {
    const find = (name: string) => outputNamed(graph, prependNameScope(name, importScope));
    const handle = find(def.variableName);
    // The oldest descriptions of resource variables don't name a read, but there is one.
    const hasOldForm = def.isResource && def.snapshotName === "";
    return new Variable({
      handle,
      initializer: graph.operation(opNameOf(prependNameScope(def.initializerName, importScope))),
      snapshot: hasOldForm ? outputNamed(graph, `${handle.op.name}/Read/ReadVariableOp`) : find(def.snapshotName),
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

/** An output by its own name, or the first of an operation by that one's. */
function outputNamed(graph: Graph, name: string): Output {
  const output = name.includes(":") ? graph.output(name) : graph.operation(name).outputs[0];
  if (output === undefined) throw new NotFoundError(`The operation '${name}' has no output`, { op: name });
  return output;
}

type NewParts = Pick<VariableParts, "handle" | "initializer" | "snapshot" | "initialValue" | "isResource">;

function createReference(graph: Graph, scope: string, value: TensorLike | Output, options: VariableOptions): NewParts {
  const initialValue = asOutput(graph, value, options);
  const dtype = dtypeOf(initialValue, options);
  const { validateShape = true } = options;
  if (validateShape && !isFullyDefined(initialValue.shape)) {
    throw new ValueError(`initial_value must have a shape specified: ${initialValue.name}`);
  }
  const shape = options.shape ?? (validateShape ? initialValue.shape : undefined);
  const op = graph.createOperation("VariableV2", {
    name: scope,
    attrs: { dtype: attr.type(dtype), shape: attr.shape(shape) },
  });
  const handle = op.outputs[0] as Output;
  return graph.withColocation(op, () => {
    const initializer = graph.createOperation("Assign", {
      name: "Assign",
      inputs: [handle, initialValue],
      attrs: {
        T: attr.type(dtype),
        use_locking: attr.bool(true),
        validate_shape: attr.bool(validateShape),
      },
    });
    const read = graph.createOperation("Identity", { name: "read", inputs: [handle], attrs: { T: attr.type(dtype) } });
    return { handle, initializer, snapshot: read.outputs[0] as Output, initialValue, isResource: false };
  });
}

function createResource(graph: Graph, scope: string, value: TensorLike | Output, options: VariableOptions): NewParts {
  const name = scope.slice(0, -1);
  const location = attr.strings([`loc:@${name}`]);
  const initialValue = graph.withDevice(null, () =>
    graph.withNameScope("Initializer", () => {
      const made = asOutput(graph, value, options);
      // A colocation around has set one already.
      if (!(value instanceof Output) && !made.op.attrs.has("_class")) made.op.attrs.set("_class", location);
      return made;
    }),
  );
  const dtype = dtypeOf(initialValue, options);
  const op = graph.createOperation("VarHandleOp", {
    name: scope,
    attrs: {
      dtype: attr.type(dtype),
      shape: attr.shape(options.shape ?? initialValue.shape),
      shared_name: attr.string(name),
      debug_name: attr.string(scope),
      _class: location,
    },
  });
  const handle = op.outputs[0] as Output;
  graph.withNameScope("IsInitialized", () => graph.createOperation("VarIsInitializedOp", { inputs: [handle] }));
  const initializer = graph.withColocation(null, () =>
    graph.withDevice(op.device, () =>
      graph.createOperation("AssignVariableOp", {
        name: "Assign",
        inputs: [handle, initialValue],
        attrs: { dtype: attr.type(dtype) },
      }),
    ),
  );
  const snapshot = graph.withNameScope("Read", () =>
    graph.withDevice(op.device, () =>
      graph.createOperation("ReadVariableOp", { inputs: [handle], attrs: { dtype: attr.type(dtype) } }),
    ),
  );
  return { handle, initializer, snapshot: snapshot.outputs[0] as Output, initialValue, isResource: true };
}

function asOutput(graph: Graph, value: TensorLike | Output, options: VariableOptions): Output {
  if (!(value instanceof Output)) {
    return constant(toTensor(value, options.dtype, options.shape), { graph, name: "initial_value" });
  }
  const { shape, name } = value;
  if (value.graph !== graph) throw new ValueError(`The initial value ${name} is of another graph`);
  if (options.shape !== undefined && !shapesCompatible(shape, options.shape)) {
    throw new ValueError(
      `The initial value ${name} has shape ${formatShape(shape)}, not ${formatShape(options.shape)}`,
    );
  }
  return value;
}

function dtypeOf({ dtype, name }: Output, options: VariableOptions): DType {
  const wanted = options.dtype ?? dtype;
  if (wanted === undefined) throw new ValueError(`The dtype of ${name} is not known: give one`);
  if (dtype !== undefined && dtype !== wanted)
    throw new ValueError(`The initial value ${name} is ${dtype}, not ${wanted}`);
  return wanted;
}
