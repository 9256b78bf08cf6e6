import type { DType, PartialShape } from "@tfsaver/core";
import type { AttrValue, NodeDef } from "@tfsaver/proto/graph";
import type { ValueType } from "../ops/op-signature.js";
import { Attributes, attr } from "./attributes.js";
import type { Graph } from "./graph.js";

/** One value that an operation gives: a symbolic tensor (`tf.Tensor` in graph mode). */
export class Output {
  /** As far as it is known when the graph is built. */
  shape: PartialShape;

  constructor(
    readonly op: Operation,
    /** Which output of the operation, counted from 0. */
    readonly index: number,
    /** `undefined` if the operation's definition is not known. */
    readonly dtype: DType | undefined,
    /** Whether it is a reference to a variable's memory. */
    readonly isRef: boolean,
    shape: PartialShape,
  ) {
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

/** What an imported node holds beyond what is modelled here; written out again as it came. */
export type PreservedNodeFields = Pick<NodeDef, "experimentalDebugInfo" | "experimentalType" | "unknownFields">;

/** What most operations have none of is not made for each of thousands. */
const NONE: ReadonlySet<Operation> = new Set();
const NOTHING_PRESERVED: PreservedNodeFields = {};

const utf8 = new TextDecoder();

/** One operation of a graph (`tf.Operation`). Made by {@link Graph.createOperation} and by importing. */
export class Operation {
  /** Attributes by name, as messages; {@link Operation.attributes} reads them with a type. */
  readonly attrs: Map<string, AttrValue>;
  /** Canonical name of the device it is placed on; `""` if none is asked for. */
  device = "";
  /** Fields of its message that are not modelled. */
  preserved = NOTHING_PRESERVED;
  #inputs: readonly Output[] = [];
  #controlInputs = NONE;
  #outputs: Output[] = [];
  #attributes: Attributes | undefined;
  /** Outputs of an operation of unknown type beyond those that its message spoke of. */
  #undeclared: Map<number, Output> | undefined;

  /**
   * @param attrs - becomes the operation's own
   * @internal
   */
  constructor(
    readonly graph: Graph,
    readonly name: string,
    readonly type: string,
    attrs: Map<string, AttrValue>,
  ) {
    this.attrs = attrs;
  }

  /** The values it takes, in order. */
  get inputs(): readonly Output[] {
    return this.#inputs;
  }

  /** Operations that must have run before. */
  get controlInputs(): ReadonlySet<Operation> {
    return this.#controlInputs;
  }

  /** Makes it wait for these operations, and no others. */
  setControlInputs(before: Iterable<Operation>): void {
    const operations = new Set(before);
    this.#controlInputs = operations.size > 0 ? operations : NONE;
    this.graph.changed();
  }

  /** The values it gives, in order; of an operation of unknown type, those that its message spoke of. */
  get outputs(): readonly Output[] {
    return this.#outputs;
  }

  /** Reads attributes with a type. */
  get attributes(): Attributes {
    this.#attributes ??= new Attributes(this.attrs, this.name);
    return this.#attributes;
  }

  /** The groups of operations it must be placed with, as `loc:@name`; by itself it is a group of its own. */
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

  /** Whether the definition of its type is known, and with it the number and types of its outputs. */
  get isKnown(): boolean {
    return this.graph.opDef(this.type) !== undefined;
  }

  /**
   * Notes that an operation of unknown type has outputs up to this one.
   *
   * @internal
   */
  outputOfUnknownType(index: number): Output {
    for (let i = this.#outputs.length; i <= index; i++) {
      this.#outputs.push(new Output(this, i, undefined, false, undefined));
    }
    return this.#outputs[index] as Output;
  }

  /** An output by number, or `undefined`. An operation of unknown type has as many as are asked for. */
  findOutput(index: number): Output | undefined {
    const output = this.#outputs[index] ?? this.#undeclared?.get(index);
    if (output !== undefined || this.isKnown || !Number.isSafeInteger(index)) return output;
    const asked = new Output(this, index, undefined, false, undefined);
    this.#undeclared ??= new Map();
    this.#undeclared.set(index, asked);
    return asked;
  }

  /**
   * The operation as a message. Control inputs come last and sorted by name, as in every graph that TensorFlow writes.
   *
   * @param addShapes - add the attribute `_output_shapes` to operations that have outputs
   */
  toNodeDef(addShapes = false): NodeDef {
    const attrs = new Map(this.attrs);
    if (addShapes && this.#outputs.length > 0) {
      attrs.set("_output_shapes", attr.shapes(this.#outputs.map(({ shape }) => shape)));
    }
    const input = this.#inputs.map(({ op, index }) => (index === 0 ? op.name : `${op.name}:${index}`));
    if (this.#controlInputs.size > 0) input.push(...Array.from(this.#controlInputs, ({ name }) => `^${name}`).sort());
    const def: NodeDef = { name: this.name, op: this.type, input, device: this.device, attr: attrs };
    return this.preserved === NOTHING_PRESERVED ? def : Object.assign(def, this.preserved);
  }
}
