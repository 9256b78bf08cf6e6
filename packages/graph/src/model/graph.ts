import { type DType, NotFoundError, type PartialShape, RuntimeError, requireString, ValueError } from "@tfsaver/core";
import { type AttrValue, GraphDef, type NodeDef, type OpDef, VersionDef } from "@tfsaver/proto/graph";
import { builtInOpDef } from "../ops/built-in-op-defs.js";
import { addDefaultAttrs, outputTypes, type ValueType } from "../ops/op-signature.js";
import { inferShapes } from "../ops/shape-functions.js";
import { Attributes, attr } from "./attributes.js";
import { GRAPH_VERSION } from "./graph-versions.js";
import { requireOpName } from "./name-registry.js";
import type { DeviceScopeOf, ScopesOf } from "./scope-stack.js";
import { ScopedGraph } from "./scoped-graph.js";

/** Fields of an imported graph that are not modeled. They are exported again unchanged. */
export type PreservedGraphFields = Pick<GraphDef, "debugInfo" | "unknownFields">;

/** Fields of an imported node that are not modeled. They are exported again unchanged. */
export type PreservedNodeFields = Pick<NodeDef, "experimentalDebugInfo" | "experimentalType" | "unknownFields">;

/** A device name, a function that places each operation, or `null` to ignore the device scopes outside. */
export type DeviceScope = DeviceScopeOf<Operation>;

/** The scopes around new operations at one moment: see {@link Graph.scopes}. */
export type GraphScopes = ScopesOf<Operation>;

/** One output of an operation of unknown type: see {@link Operation.declareOutputs}. */
export interface DeclaredOutput {
  readonly dtype: DType;
  /** Default: an unknown shape. */
  readonly shape?: PartialShape;
  /** True for a reference to a variable's memory. Default: false. */
  readonly isRef?: boolean;
}

/** Options of {@link Graph.createOperation}. */
export interface OperationInit {
  readonly inputs?: readonly Output[];
  /** Operations that must run first, besides those of the control dependency scopes. */
  readonly controlInputs?: readonly Operation[];
  /** Attributes. Those with a default may be left out. */
  readonly attrs?: Readonly<Record<string, AttrValue>>;
  /** Made unique within the current name scope; a name that ends with `/` is used as it is. Default: the type. */
  readonly name?: string | undefined;
}

/**
 * One value that an operation computes: a symbolic tensor (`tf.Tensor` in graph mode).
 *
 * @example
 * ```ts
 * import { Graph, placeholder } from "@tfsaver/graph";
 *
 * const x = placeholder("float32", { graph: new Graph(), name: "x", shape: [-1, 3] });
 * console.log(x.name, x.dtype, x.shape); // x:0 float32 [ -1, 3 ]
 * ```
 */
export class Output {
  #dtype: DType | undefined;
  #isRef: boolean;

  constructor(
    readonly op: Operation,
    /** Which output of the operation this is, counted from 0. */
    readonly index: number,
    dtype: DType | undefined,
    isRef: boolean,
    /** The part of the shape that is known when the graph is built. */
    public shape: PartialShape,
  ) {
    this.#dtype = dtype;
    this.#isRef = isRef;
  }

  /** `undefined` if the operation's definition is unknown. */
  get dtype(): DType | undefined {
    return this.#dtype;
  }

  /** True for a reference to a variable's memory, which can be assigned to. */
  get isRef(): boolean {
    return this.#isRef;
  }

  /** @internal */
  declare({ dtype, shape, isRef = false }: DeclaredOutput): void {
    this.#dtype = dtype;
    this.#isRef = isRef;
    this.shape = shape;
  }

  /** `operation:index`. */
  get name(): string {
    return `${this.op.name}:${this.index}`;
  }

  get graph(): Graph {
    return this.op.graph;
  }

  get device(): string {
    return this.op.device;
  }
}

// Shared, because a graph has many operations without any.
const NONE: ReadonlySet<Operation> = new Set();
const NOTHING_PRESERVED: PreservedNodeFields = {};

const utf8 = new TextDecoder();

/**
 * One operation of a graph (`tf.Operation`). {@link Graph.createOperation} and importing make them.
 *
 * @example
 * ```ts
 * import { constant, Graph, identity } from "@tfsaver/graph";
 *
 * const { op } = identity(constant([1, 2], { graph: new Graph(), name: "x" }), { name: "y" });
 * console.log(op.type, op.name, op.inputs[0]?.name); // Identity y x:0
 * ```
 */
export class Operation {
  /** Canonical name of the device it is placed on; `""` for none. */
  device = "";
  /** Fields of an imported node that are not modeled. */
  preserved = NOTHING_PRESERVED;
  #inputs: readonly Output[] = [];
  #controlInputs = NONE;
  #outputs: Output[] = [];
  #attributes: Attributes | undefined;
  /** Outputs of an operation of unknown type that its node did not mention. */
  #undeclared: Map<number, Output> | undefined;
  /** True if {@link Operation.declareOutputs} said which outputs there are. */
  #isDeclared = false;

  /** @internal */
  constructor(
    readonly graph: Graph,
    readonly name: string,
    readonly type: string,
    /** Attribute values by name; {@link Operation.attributes} reads them as a type. */
    readonly attrs: Map<string, AttrValue>,
  ) {}

  /** The data inputs, in order. */
  get inputs(): readonly Output[] {
    return this.#inputs;
  }

  /** Operations that must run first. */
  get controlInputs(): ReadonlySet<Operation> {
    return this.#controlInputs;
  }

  /** Replaces the operations that must run first. */
  setControlInputs(before: Iterable<Operation>): void {
    const operations = new Set(before);
    this.#controlInputs = operations.size > 0 ? operations : NONE;
    this.graph.changed();
  }

  /** The outputs, in order. For an operation of unknown type, those that its node mentioned. */
  get outputs(): readonly Output[] {
    return this.#outputs;
  }

  /** Reads attributes as a type. */
  get attributes(): Attributes {
    this.#attributes ??= new Attributes(this.attrs, this.name);
    return this.#attributes;
  }

  /** The groups it must be placed with, as `loc:@name`. Without any, it is a group of its own. */
  get colocationGroups(): string[] {
    const names = this.attrs.get("_class")?.list?.s.map((bytes) => utf8.decode(bytes)) ?? [];
    const groups = names.filter((name) => name.startsWith("loc:@"));
    return groups.length > 0 ? groups : [`loc:@${this.name}`];
  }

  /** @internal */
  setInputs(inputs: readonly Output[]): void {
    this.#inputs = [...inputs];
    this.graph.changed();
  }

  /** @internal */
  setOutputs(types: readonly ValueType[]): void {
    this.#outputs = types.map(({ dtype, isRef }, index) => new Output(this, index, dtype, isRef, undefined));
  }

  /** True if the graph knows the definition of its type, and so the number and types of its outputs. */
  get isKnown(): boolean {
    return this.graph.opDef(this.type) !== undefined;
  }

  /**
   * Gives an operation of unknown type all outputs up to `index`, and returns that one.
   *
   * @internal
   */
  outputOfUnknownType(index: number): Output {
    for (let i = this.#outputs.length; i <= index; i++) {
      this.#outputs.push(new Output(this, i, undefined, false, undefined));
    }
    return this.#outputs[index] as Output;
  }

  /**
   * Returns an output by index, or `undefined`. An operation of unknown type has every output that is asked for, until its
   * outputs are declared.
   */
  findOutput(index: number): Output | undefined {
    const output = this.#outputs[index] ?? this.#undeclared?.get(index);
    if (output !== undefined || this.isKnown || this.#isDeclared || !Number.isSafeInteger(index)) return output;
    const undeclared = new Output(this, index, undefined, false, undefined);
    this.#undeclared ??= new Map();
    this.#undeclared.set(index, undeclared);
    return undeclared;
  }

  /**
   * Says which outputs an operation of unknown type has, so that other operations and sessions can rely on it. Outputs that
   * are in use already stay the same objects.
   *
   * @throws `ValueError` if the graph knows the definition of the type, or if an output is in use that is not declared.
   */
  declareOutputs(outputs: readonly DeclaredOutput[]): void {
    if (this.isKnown) throw new ValueError(`The outputs of ${this.name} are known from the definition of ${this.type}`);
    const known = new Map([...this.#outputs.entries(), ...(this.#undeclared ?? [])]);
    const beyond = [...known.keys()].find((index) => index >= outputs.length);
    if (beyond !== undefined) throw new ValueError(`Output ${beyond} of ${this.name} is in use, but not declared`);
    this.#outputs = outputs.map((declared, index) => {
      const output = known.get(index) ?? new Output(this, index, undefined, false, undefined);
      output.declare(declared);
      return output;
    });
    this.#undeclared = undefined;
    this.#isDeclared = true;
  }

  /**
   * Converts the operation to a message. As in TensorFlow, control inputs come last, sorted by name.
   *
   * @param addShapes - record the output shapes in the attribute `_output_shapes`
   */
  toNodeDef(addShapes = false): NodeDef {
    const attrs = new Map(this.attrs);
    if (addShapes && this.#outputs.length > 0) {
      attrs.set("_output_shapes", attr.shapes(this.#outputs.map(({ shape }) => shape)));
    }
    const input = this.#inputs.map(({ op, index }) => (index === 0 ? op.name : `${op.name}:${index}`));
    if (this.#controlInputs.size > 0) {
      for (const name of Array.from(this.#controlInputs, ({ name }) => `^${name}`).sort()) input.push(name);
    }
    const def: NodeDef = { name: this.name, op: this.type, input, device: this.device, attr: attrs };
    return this.preserved === NOTHING_PRESERVED ? def : Object.assign(def, this.preserved);
  }
}

/**
 * A TensorFlow graph (`tf.Graph`): operations in the order in which they were made, scopes for new ones, and named
 * collections. Building a graph is synchronous. A {@link Session} runs it.
 *
 * @example
 * ```ts
 * import { Graph, Variable } from "@tfsaver/graph";
 *
 * const graph = new Graph();
 * graph.withNameScope("layer", () => Variable.create([1, 2], { graph, name: "weights" }));
 * console.log(graph.operation("layer/weights").type); // VariableV2
 * ```
 */
export class Graph extends ScopedGraph<Operation> {
  /** The versions of TensorFlow that can read the graph. */
  versions: VersionDef = VersionDef.create({ producer: GRAPH_VERSION });
  /** Functions of an imported graph: serialized `FunctionDefLibrary` bytes, kept unchanged. */
  functionLibrary: Uint8Array | undefined;
  /** Fields of an imported graph that are not modeled. */
  preserved: PreservedGraphFields = {};
  readonly #operations = new Map<string, Operation>();
  readonly #collections = new Map<string, unknown[]>();
  readonly #importedOpDefs = new Map<string, OpDef>();
  #finalized = false;
  #version = 0;

  // Operations

  /** All operations, in the order in which they were made. */
  get operations(): Operation[] {
    return [...this.#operations.values()];
  }

  /** Number of operations. It never shrinks. */
  get size(): number {
    return this.#operations.size;
  }

  /** Grows whenever an operation is added or gets other inputs (`tf.Graph.version`). */
  get version(): number {
    return this.#version;
  }

  /**
   * Records that an operation or its inputs changed.
   *
   * @internal
   */
  changed(): void {
    this.#version++;
  }

  /**
   * Adds an operation, and applies the name, device, colocation and control dependency scopes to it.
   *
   * @throws `RuntimeError` if the graph is finalized; `ValueError` if the name is invalid or taken, or if an input
   * belongs to another graph.
   */
  createOperation(type: string, init: OperationInit = {}): Operation {
    this.#requireNotFinalized();
    const { inputs = [], controlInputs = [], attrs = {}, name: wanted = type } = init;
    requireString(type, "The type of an operation");
    requireString(wanted, "The name of an operation");
    for (const { op } of inputs) this.requireOwn(op);
    for (const op of controlInputs) this.requireOwn(op);
    const name = wanted.endsWith("/") ? wanted.slice(0, -1) : this.uniqueName(wanted);
    requireOpName(name);
    if (this.#operations.has(name)) throw new ValueError(`The graph already has an operation '${name}'`);
    const op = new Operation(this, name, type, new Map(Object.entries(attrs)));
    op.setInputs(inputs);
    this.define(op);
    op.setControlInputs([...controlInputs, ...this.scopeStack.controlInputs(inputs)]);
    this.scopeStack.place(op);
    this.#operations.set(name, op);
    inferShapes(op);
    return op;
  }

  /**
   * Adds imported operations, which are complete.
   *
   * @internal
   */
  addImported(ops: readonly Operation[]): void {
    this.#requireNotFinalized();
    for (const op of ops) {
      this.#operations.set(op.name, op);
      const before = this.scopeStack.adoptImported(op);
      if (before.length > 0) op.setControlInputs([...op.controlInputs, ...before]);
    }
    this.scopeStack.placeImported(ops, (name) => this.#operations.get(name));
  }

  protected override requireOwn(op: Operation): void {
    if (op.graph !== this) throw new ValueError(`Operation '${op.name}' belongs to another graph`);
  }

  /**
   * Gives a new operation the default attributes and the outputs of its definition.
   *
   * @internal
   */
  define(op: Operation): void {
    const def = this.opDef(op.type);
    if (def === undefined) return;
    addDefaultAttrs(builtInOpDef(op.type) ?? def, op.attrs);
    op.setOutputs(outputTypes(def, op.attrs, op.name));
  }

  /** Returns the operation of a name, or `undefined`. */
  findOperation(name: string): Operation | undefined {
    return this.#operations.get(name);
  }

  /**
   * Returns the operation of a name.
   *
   * @throws `NotFoundError` if the graph has none (Python's `KeyError`).
   */
  operation(name: string): Operation {
    const op = this.#operations.get(name);
    if (op === undefined) {
      throw new NotFoundError(`The name '${name}' refers to an Operation not in the graph.`, { op: name });
    }
    return op;
  }

  /**
   * Returns the output named `operation:index`.
   *
   * @throws `ValueError` if the name has another form; `NotFoundError` if the graph has no such output.
   */
  output(name: string): Output {
    const [, opName = "", index] = /^(.+):(\d+)$/s.exec(name) ?? [];
    if (index === undefined) {
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

  /** Returns the definition of an operation type: the imported graph's own, else that of TensorFlow 2.21. */
  opDef(type: string): OpDef | undefined {
    return this.#importedOpDefs.get(type) ?? builtInOpDef(type);
  }

  /** Definitions that were added by {@link Graph.addOpDefs}. */
  get importedOpDefs(): Iterable<OpDef> {
    return this.#importedOpDefs.values();
  }

  /** Adds definitions of an imported graph or of custom operations. The first definition of a type stays. */
  addOpDefs(defs: Iterable<OpDef>): void {
    for (const def of defs) if (!this.#importedOpDefs.has(def.name)) this.#importedOpDefs.set(def.name, def);
  }

  // Collections

  /**
   * Adds values to a collection (`tf.Graph.add_to_collection`). {@link GraphKeys} has TensorFlow's own names.
   *
   * @throws `RuntimeError` if the graph is finalized.
   */
  addToCollection(key: string, ...values: readonly unknown[]): void {
    this.#requireNotFinalized();
    const collection = this.#collections.get(key);
    if (collection === undefined) this.#collections.set(key, [...values]);
    else for (const value of values) collection.push(value);
  }

  /** Returns a copy of a collection, in the order in which its values were added. */
  collection(key: string): unknown[] {
    return [...(this.#collections.get(key) ?? [])];
  }

  /** Names of all collections. */
  get collectionKeys(): string[] {
    return [...this.#collections.keys()];
  }

  /** Removes a collection. */
  clearCollection(key: string): void {
    this.#requireNotFinalized();
    this.#collections.delete(key);
  }

  /** True if nothing can be added any more. */
  get finalized(): boolean {
    return this.#finalized;
  }

  /** Makes the graph read-only. */
  finalize(): void {
    this.#finalized = true;
  }

  #requireNotFinalized(): void {
    if (this.#finalized) throw new RuntimeError("Graph is finalized and cannot be modified.");
  }

  /**
   * Converts the graph to a message (`tf.Graph.as_graph_def`).
   *
   * @param addShapes - record the shape of every output in an attribute `_output_shapes`
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
