import { NotFoundError, RuntimeError, ValueError } from "@tfsaver/core";
import { type AttrValue, GraphDef, type OpDef, VersionDef } from "@tfsaver/proto/graph";
import { addDefaultAttrs, builtInOpDef, outputTypes } from "../ops/op-signature.js";
import { inferShapes } from "../ops/shape-functions.js";
import type { Variable } from "../variables/variable.js";
import { attr } from "./attributes.js";
import { NameRegistry, requireOpName, requireScopeName } from "./names.js";
import { Operation, type Output } from "./operation.js";
import {
  colocate,
  controlInputsFromScopes,
  type DeviceScope,
  deviceFromScopes,
  type GraphScopes,
  placeImported,
  ROOT_SCOPES,
  requireDeviceScope,
} from "./scopes.js";

/** The version of graphs that TensorFlow 2.21 makes (`tf.version.GRAPH_DEF_VERSION`). */
export const GRAPH_VERSION = 2474;

/** What an imported graph's message holds beyond what is modelled here. */
export type PreservedGraphFields = Pick<GraphDef, "debugInfo" | "unknownFields">;

/** What a new operation is made of. */
export interface OperationInit {
  readonly inputs?: readonly Output[];
  /** Operations that must run before, beside those of the scopes around. */
  readonly controlInputs?: readonly Operation[];
  /** Attributes; those with defaults may be left out. */
  readonly attrs?: Readonly<Record<string, AttrValue>>;
  /** Made unique within the scopes around; with a trailing `/` taken as it is. Default: the type. */
  readonly name?: string | undefined;
}

/**
 * A TensorFlow graph (`tf.Graph`): operations in the order in which they were made, the scopes that stand around new
 * ones, and named collections. Building is synchronous; to run a graph takes a {@link Session}.
 */
export class Graph {
  /** Which versions of TensorFlow may read the graph. */
  versions: VersionDef = VersionDef.create({ producer: GRAPH_VERSION });
  /** Functions of an imported graph: serialized `FunctionDefLibrary` bytes, kept as they came. */
  functionLibrary: Uint8Array | undefined;
  /** Fields of an imported graph's message that are not modelled, written out again as they came. */
  preserved: PreservedGraphFields = {};
  readonly #operations = new Map<string, Operation>();
  readonly #names = new NameRegistry();
  readonly #collections = new Map<string, unknown[]>();
  /** Definitions that came with imported graphs. */
  readonly #importedOpDefs = new Map<string, OpDef>();
  #scopes: GraphScopes = ROOT_SCOPES;
  #finalized = false;
  #version = 0;

  // Operations

  /** All operations in the order in which they were made. */
  get operations(): Operation[] {
    return [...this.#operations.values()];
  }

  /** Number of operations. It only ever grows. */
  get size(): number {
    return this.#operations.size;
  }

  /** Grows with every operation and whenever one takes other inputs (`tf.Graph.version`). */
  get version(): number {
    return this.#version;
  }

  /**
   * Notes that operations, or what they take, have changed.
   *
   * @internal
   */
  changed(): void {
    this.#version++;
  }

  /**
   * Adds an operation: names it within the name scopes around, places it, and makes it wait for the control
   * dependencies around.
   *
   * @throws `RuntimeError` if the graph is finalized; `ValueError` if the name can't be one, or an input is of another
   * graph.
   */
  createOperation(type: string, init: OperationInit = {}): Operation {
    this.#requireNotFinalized();
    const { inputs = [], controlInputs = [], attrs = {}, name: wanted = type } = init;
    for (const { op } of inputs) this.#requireOwn(op);
    for (const op of controlInputs) this.#requireOwn(op);
    const name = wanted.endsWith("/") ? wanted.slice(0, -1) : this.uniqueName(wanted);
    requireOpName(name);
    if (this.#operations.has(name)) throw new ValueError(`There is an operation '${name}' already`);
    const op = new Operation(this, name, type, new Map(Object.entries(attrs)));
    op.setInputs(inputs);
    this.define(op);
    op.setControlInputs([...controlInputs, ...controlInputsFromScopes(this.#scopes.control, inputs)]);
    for (const scope of this.#scopes.control) scope.seen.add(op);
    op.device = deviceFromScopes(this.#scopes.devices, op);
    colocate(op, this.#scopes.colocation);
    this.#operations.set(name, op);
    inferShapes(op);
    return op;
  }

  /**
   * Adds operations that are complete; for importing.
   *
   * @internal
   */
  addImported(ops: readonly Operation[]): void {
    this.#requireNotFinalized();
    for (const op of ops) {
      this.#names.mark(op.name);
      this.#operations.set(op.name, op);
      for (const { before, seen } of this.#scopes.control) {
        // Here even those wait whose inputs do.
        op.setControlInputs([...op.controlInputs, ...before]);
        seen.add(op);
      }
    }
    placeImported(ops, this.#scopes.devices, (name) => this.#operations.get(name));
  }

  #requireOwn(op: Operation): void {
    if (op.graph !== this) throw new ValueError(`Operation '${op.name}' is of another graph`);
  }

  /**
   * Gives a new operation the default attributes and the outputs that its definition says.
   *
   * @internal
   */
  define(op: Operation): void {
    const def = this.opDef(op.type);
    if (def === undefined) return;
    const current = builtInOpDef(op.type);
    addDefaultAttrs(current ?? def, op.attrs);
    op.setOutputs(outputTypes(def, op.attrs, op.name));
  }

  /** The operation of a name, or `undefined`. */
  findOperation(name: string): Operation | undefined {
    return this.#operations.get(name);
  }

  /** @throws `NotFoundError` if the graph has no operation of this name (Python's `KeyError`). */
  operation(name: string): Operation {
    const op = this.#operations.get(name);
    if (op === undefined) {
      throw new NotFoundError(`The name '${name}' refers to an Operation not in the graph.`, { op: name });
    }
    return op;
  }

  /**
   * The output named `operation:index`.
   *
   * @throws `ValueError` if the name has another form, `NotFoundError` if there is no such output.
   */
  output(name: string): Output {
    const colon = name.lastIndexOf(":");
    const opName = name.slice(0, Math.max(0, colon));
    const index = name.slice(colon + 1);
    if (opName === "" || !/^\d+$/.test(index)) {
      throw new ValueError(`'${name}' is not the name of a tensor, which looks like "<op_name>:<output_index>".`);
    }
    const output = this.#operations.get(opName)?.findOutput(Number(index));
    if (output === undefined) {
      throw new NotFoundError(`The name '${name}' refers to a Tensor which does not exist in the graph.`, {
        op: opName,
      });
    }
    return output;
  }

  /** What is known of an operation type: from an imported graph's own list, else TensorFlow 2.21's definition. */
  opDef(type: string): OpDef | undefined {
    return this.#importedOpDefs.get(type) ?? builtInOpDef(type);
  }

  /** Definitions that came with imported graphs. */
  get importedOpDefs(): Iterable<OpDef> {
    return this.#importedOpDefs.values();
  }

  /** Makes definitions known, of an imported graph or of operations of one's own. The first of a name stays. */
  addOpDefs(defs: Iterable<OpDef>): void {
    for (const def of defs) if (!this.#importedOpDefs.has(def.name)) this.#importedOpDefs.set(def.name, def);
  }

  // Scopes

  /** The name scope around, without its trailing slash; `""` at the root. */
  get nameScope(): string {
    return this.#scopes.name.replace(/\/$/, "");
  }

  /** A name that no operation or scope has, within the scopes around; taken from now on. */
  uniqueName(name: string): string {
    return this.#names.claim(this.#scopes.name + name);
  }

  /**
   * Runs `build` inside a name scope (`tf.name_scope`): `name` is made unique; with a trailing `/` it is taken as it
   * is, from the root; `""` is the root itself.
   *
   * @param build - is given the scope's name with its trailing slash, which names an operation exactly
   */
  withNameScope<T>(name: string, build: (scope: string) => T): T {
    if (name !== "") requireScopeName(name, this.#scopes.name === "");
    const scope = name === "" || name.endsWith("/") ? name : `${this.uniqueName(name)}/`;
    return this.#within({ ...this.#scopes, name: scope }, () => build(scope));
  }

  /** Runs `build` with new operations placed by `device`, merged with the device scopes around (`tf.device`). */
  withDevice<T>(device: DeviceScope, build: () => T): T {
    requireDeviceScope(device);
    return this.#within({ ...this.#scopes, devices: [...this.#scopes.devices, device] }, build);
  }

  /**
   * Runs `build` with new operations placed with `op`, and without the device scopes around
   * (`tf.compat.v1.colocate_with`); `null` lifts the colocations around as well.
   *
   * @throws `ValueError` if `op` is of another graph.
   */
  withColocation<T>(op: Operation | null, build: () => T): T {
    if (op !== null) this.#requireOwn(op);
    const colocation = op === null ? [] : [...this.#scopes.colocation, op];
    return this.#within({ ...this.#scopes, devices: [], colocation }, build);
  }

  /**
   * Runs `build` with new operations waiting for `before` (`tf.control_dependencies`); `null` lifts the control
   * dependencies around.
   *
   * @throws `ValueError` if one of `before` is of another graph.
   */
  withControlDependencies<T>(before: readonly (Operation | Output | Variable)[] | null, build: () => T): T {
    if (before === null) return this.#within({ ...this.#scopes, control: [] }, build);
    const { control } = this.#scopes;
    // What a scope around waits for already is left to that scope, and to its rule of what need not wait.
    const ops = new Set(before.map((item) => (item instanceof Operation ? item : item.op)));
    for (const scope of control) for (const op of scope.before) ops.delete(op);
    for (const op of ops) {
      this.#requireOwn(op);
      op.attrs.set("_has_manual_control_dependencies", attr.bool(true));
    }
    return this.#within({ ...this.#scopes, control: [...control, { before: [...ops], seen: new Set() }] }, build);
  }

  /** Runs `build` outside of all scopes. */
  withoutScopes<T>(build: () => T): T {
    return this.#within(ROOT_SCOPES, build);
  }

  #within<T>(scopes: GraphScopes, build: () => T): T {
    const around = this.#scopes;
    this.#scopes = scopes;
    try {
      return build();
    } finally {
      this.#scopes = around;
    }
  }

  // Collections

  /**
   * Adds values to a collection (`tf.Graph.add_to_collection`). See {@link GraphKeys} for TensorFlow's own names.
   *
   * @throws `RuntimeError` if the graph is finalized.
   */
  addToCollection(key: string, ...values: readonly unknown[]): void {
    this.#requireNotFinalized();
    const collection = this.#collections.get(key);
    if (collection === undefined) this.#collections.set(key, [...values]);
    else collection.push(...values);
  }

  /** The values of a collection in the order in which they were added; a list of one's own. */
  collection(key: string): unknown[] {
    return [...(this.#collections.get(key) ?? [])];
  }

  /** Names of all collections. */
  get collectionKeys(): string[] {
    return [...this.#collections.keys()];
  }

  /** Empties a collection and forgets its name. */
  clearCollection(key: string): void {
    this.#requireNotFinalized();
    this.#collections.delete(key);
  }

  // The whole

  /** Whether nothing may be added any more. */
  get finalized(): boolean {
    return this.#finalized;
  }

  /** From now on nothing may be added. */
  finalize(): void {
    this.#finalized = true;
  }

  #requireNotFinalized(): void {
    if (this.#finalized) throw new RuntimeError("Graph is finalized and cannot be modified.");
  }

  /**
   * The graph as a message (`tf.Graph.as_graph_def`).
   *
   * @param addShapes - note every output's shape in an attribute `_output_shapes`
   */
  toGraphDef(addShapes = false): GraphDef {
    return GraphDef.create({
      ...this.preserved,
      node: this.operations.map((op) => op.toNodeDef(addShapes)),
      versions: this.versions,
      library: this.functionLibrary,
    });
  }
}
