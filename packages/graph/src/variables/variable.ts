import {
  type DType,
  NotFoundError,
  type PartialShape,
  type Tensor,
  type TensorLike,
  toTensor,
  ValueError,
} from "@tfsaver/core";
import { type SaveSliceInfoDef, VariableDef } from "@tfsaver/proto/graph";
import { resolveGraph } from "../model/default-graph.js";
import { type Graph, type Operation, Output } from "../model/graph.js";
import { GraphKeys } from "../model/graph-keys.js";
import { opNameOf, prependNameScope, stripNameScope } from "../model/name-scopes.js";
import { identity } from "../ops/values.js";
import {
  type AssignOptions,
  readResource,
  type Update,
  type UpdateOptions,
  updateReference,
  updateResource,
} from "./assign-nodes.js";
import { addReferenceNodes, addResourceNodes, type VariableNodes } from "./variable-nodes.js";
import type { VariableOptions } from "./variable-options.js";

type VariableParts = VariableNodes &
  Pick<Variable, "trainable" | "synchronization" | "aggregation" | "saveSliceInfo" | "unknownFields"> & {
    readonly validateShape: boolean;
  };

/** A value for a variable. It can be another variable of the graph, which is read. */
export type VariableValue = TensorLike | Output | Variable;

/** A session, as far as {@link Variable.load} and {@link Variable.eval} need it. */
export interface VariableSession {
  run(fetch: Output | Operation, feeds?: ReadonlyMap<Output, TensorLike>): Promise<Tensor | null>;
}

/**
 * A variable of a graph (`tf.compat.v1.Variable`): the operations that hold, initialize and read it.
 * {@link Variable.create} makes one; {@link Variable.fromProto} finds one in an imported graph.
 *
 * {@link Variable.assign} and its like add operations to the graph, which a session runs as often as needed: make them
 * once, before the loop. {@link Variable.load} and {@link Variable.eval} add none.
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
  /** False if a resource variable was made for values of any shape. */
  readonly #validateShape: boolean;

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
    this.#validateShape = parts.validateShape;
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

  /** The copy of the value that reads share, if an imported resource variable has a caching device. */
  get cachedValue(): Output | undefined {
    return this.isResource && this.snapshot.op.type !== "ReadVariableOp" ? this.snapshot : undefined;
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
      validateShape: options.validateShape ?? true,
    });
    const { GLOBAL_VARIABLES, TRAINABLE_VARIABLES } = GraphKeys;
    const collections = new Set(options.collections ?? [GLOBAL_VARIABLES]);
    if (trainable) collections.add(TRAINABLE_VARIABLES);
    for (const key of collections) graph.addToCollection(key, variable);
    return variable;
  }

  /**
   * Adds an operation that sets the variable to a value (`tf.compat.v1.Variable.assign`).
   *
   * @param value - a value, which becomes a constant of the graph; an output; or another variable. For values that change,
   * assign a placeholder, or use {@link Variable.load}.
   * @returns the new value: the variable's reference, or a read that waits for the assignment; with `readValue: false`,
   * the operation.
   * @throws `InvalidArgumentError` if a value can't be converted to the variable's dtype; `ValueError` if its shape
   * doesn't fit, or an output or variable has another dtype or belongs to another graph; `RuntimeError` if the graph is
   * finalized.
   * @example
   * ```ts
   * import { Graph, placeholder, Variable } from "@tfsaver/graph";
   *
   * const graph = new Graph();
   * const rate = Variable.create(0.1, { graph, name: "rate" });
   * const next = placeholder("float32", { graph, shape: [], name: "next" });
   * const assigned = rate.assign(next); // then, in the loop: session.run(assigned, new Map([[next, 0.05]]))
   * console.log(assigned.name, assigned.op.inputs.map(({ name }) => name)); // Assign:0 [ "rate:0", "next:0" ]
   * ```
   */
  assign(value: VariableValue, options?: AssignOptions & { readonly readValue?: true | undefined }): Output;
  /** Returns the operation, not the new value. */
  assign(value: VariableValue, options: AssignOptions & { readonly readValue: false }): Operation;
  assign(value: VariableValue, options: AssignOptions = {}): Output | Operation {
    return this.#update("Assign", value, options);
  }

  /**
   * Adds an operation that adds a value of the same shape to the variable (`tf.compat.v1.Variable.assign_add`).
   *
   * @returns the sum, as {@link Variable.assign} returns the new value
   * @throws `TypeError` if a reference variable has a dtype without a sum, such as `string`; otherwise as
   * {@link Variable.assign}. A resource variable of such a dtype fails when the operation runs.
   * @example
   * ```ts
   * import { Graph, Variable } from "@tfsaver/graph";
   *
   * const step = Variable.create(0n, { graph: new Graph(), name: "global_step", trainable: false });
   * const next = step.assignAdd(1n); // then, in the loop: session.run(next)
   * console.log(next.name, next.dtype); // AssignAdd:0 int64
   * ```
   */
  assignAdd(delta: VariableValue, options?: UpdateOptions & { readonly readValue?: true | undefined }): Output;
  /** Returns the operation, not the new value. */
  assignAdd(delta: VariableValue, options: UpdateOptions & { readonly readValue: false }): Operation;
  assignAdd(delta: VariableValue, options: UpdateOptions = {}): Output | Operation {
    return this.#update("AssignAdd", delta, options);
  }

  /**
   * Adds an operation that subtracts a value of the same shape from the variable
   * (`tf.compat.v1.Variable.assign_sub`).
   *
   * @returns the difference, as {@link Variable.assign} returns the new value
   * @throws the errors of {@link Variable.assignAdd}.
   */
  assignSub(delta: VariableValue, options?: UpdateOptions & { readonly readValue?: true | undefined }): Output;
  /** Returns the operation, not the new value. */
  assignSub(delta: VariableValue, options: UpdateOptions & { readonly readValue: false }): Operation;
  assignSub(delta: VariableValue, options: UpdateOptions = {}): Output | Operation {
    return this.#update("AssignSub", delta, options);
  }

  #update(update: Update, value: VariableValue, { readValue = true, ...options }: AssignOptions): Output | Operation {
    const { handle, dtype } = this;
    if (!this.isResource) {
      const op = updateReference(update, handle, value, { ...options, useLocking: options.useLocking ?? false });
      return readValue ? (op.outputs[0] as Output) : op;
    }
    const { validateShape = this.#validateShape } = options;
    const op = updateResource(update, this, value, { ...options, validateShape });
    return readValue ? this.graph.withControlDependencies([op], () => readResource(handle, dtype)) : op;
  }

  /**
   * Returns the value as an output (`tf.compat.v1.Variable.value`): the snapshot of a reference variable. A resource
   * variable has a new read added at every call, unless it is cached on another device.
   */
  value(): Output {
    if (!this.isResource) return this.snapshot;
    return this.cachedValue ?? this.graph.withColocation(null, () => readResource(this.handle, this.dtype));
  }

  /**
   * Adds a read of the value in the current scopes (`tf.compat.v1.Variable.read_value`). Within control dependencies, it
   * reads the value after them.
   *
   * @example
   * ```ts
   * import { Graph, Variable } from "@tfsaver/graph";
   *
   * const graph = new Graph();
   * const weights = Variable.create([1, 2], { graph, name: "weights" });
   * const doubled = weights.assignAdd(weights, { readValue: false });
   * const after = graph.withControlDependencies([doubled], () => weights.readValue());
   * console.log(after.name, [...after.op.controlInputs].map(({ name }) => name)); // read:0 [ "AssignAdd" ]
   * ```
   */
  readValue(): Output {
    const { graph, handle, dtype } = this;
    if (!this.isResource) return identity(handle, { name: "read" });
    return identity(graph.withNameScope("Read", () => readResource(handle, dtype)));
  }

  /**
   * Sets the value in a session (`tf.compat.v1.Variable.load`). It runs the initializer with another value, so it adds
   * nothing to the graph.
   *
   * @throws `ValueError` if the initializer takes no value or the shape doesn't fit; `InvalidArgumentError` if the value
   * can't be converted to the variable's dtype; the errors of the session.
   * @example
   * ```ts
   * import { type Session, Variable } from "@tfsaver/graph";
   *
   * async function halve(rate: Variable, session: Session): Promise<void> {
   *   const { data } = await rate.eval(session);
   *   await rate.load(Number(data[0]) / 2, session);
   * }
   * ```
   */
  async load(value: TensorLike, session: VariableSession): Promise<void> {
    const initial = this.initializer.inputs[1];
    if (initial === undefined) {
      throw new ValueError(`${this.name} can't be loaded: its initializer ${this.initializer.name} takes no value`);
    }
    await sessionFrom(session).run(this.initializer, new Map([[initial, value]]));
  }

  /**
   * Returns the value in a session (`tf.compat.v1.Variable.eval`), like `session.run(variable)`.
   *
   * @throws `FailedPreconditionError` if the variable is not initialized; the errors of the session.
   */
  async eval(session: VariableSession): Promise<Tensor> {
    return (await sessionFrom(session).run(this.graphElement)) as Tensor;
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
      validateShape: true,
    });
  }
}

/** Returns the session. JavaScript lets a call leave it out, as Python's may. */
function sessionFrom(given: VariableSession): VariableSession {
  if (typeof given?.run === "function") return given;
  throw new TypeError(`session must be a Session, not ${String(given)}: there is no default session`);
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
