import { readFileSync } from "node:fs";
import type { VariableDef } from "@tfsaver/proto/graph";
import { jsonLines } from "../../../fixtures/json-lines.js";
import {
  assign,
  assignAdd,
  assignSub,
  constant,
  type DeviceScope,
  Graph,
  GraphKeys,
  group,
  identity,
  importGraphDef,
  Operation,
  type Output,
  Variable,
  type VariableValue,
} from "../src/index.js";

type Statement =
  | ["noop" | "const", string]
  | ["identity", string, number]
  | ["variable", string, boolean, boolean]
  | ["group", string, number[]]
  | ["scope", string, Statement[]]
  | ["device", string | number | null, Statement[]]
  | ["control", number[] | null, Statement[]]
  | ["colocate", number, Statement[]]
  | ["update", Update, number, Given, UpdateOptions]
  | ["read" | "value", number]
  | ["import", string, [number, string, string][]?];

type Update = "assign" | "assign_add" | "assign_sub";
type Given = ["host", number | number[]] | ["value" | "variable", number];

interface UpdateOptions {
  readonly plain?: boolean;
  readonly name?: string | null;
  readonly use_locking?: boolean;
  readonly validate_shape?: boolean;
  readonly read_value?: boolean;
}

const METHODS = { assign: "assign", assign_add: "assignAdd", assign_sub: "assignSub" } as const;
const FUNCTIONS = { assign, assign_add: assignAdd, assign_sub: assignSub };

/** One record of tensorflow-programs.py. */
export interface Recorded {
  readonly title: string;
  readonly program: Statement[];
  readonly graph?: string;
  /** Serialized descriptions of the variables. */
  readonly variables?: readonly string[];
  readonly trainable?: readonly string[];
  readonly error?: string;
  readonly message?: string;
}

const DEVICE_FUNCTIONS: ((op: Operation) => string)[] = [
  (op) => `/job:ps/task:${op.name.length % 3}`,
  (op) => (op.type === "Const" ? "/device:GPU:1" : ""),
  (op) => op.device,
];

/** Runs the programs of tensorflow-programs.py. */
export class Program {
  graph = new Graph();
  #made: Operation[] = [];
  #values: Output[] = [];
  #variables: Variable[] = [];

  run(statements: readonly Statement[]): this {
    for (const statement of statements) this.#do(statement);
    return this;
  }

  #add(op: Operation, value = op.outputs[0]): void {
    this.#made.push(op);
    if (value !== undefined) this.#values.push(value);
  }

  #do(statement: Statement): void {
    const { graph } = this;
    switch (statement[0]) {
      case "noop":
        this.#add(graph.createOperation("NoOp", { name: statement[1] }));
        break;
      case "const":
        this.#add(constant(7, { graph, dtype: "int32", name: statement[1] }).op);
        break;
      case "identity":
        this.#add(identity(this.#values[statement[2]] as Output, { name: statement[1] }).op);
        break;
      case "variable": {
        const [, name, useResource, trainable] = statement;
        const variable = Variable.create([1, 2], { graph, name, useResource, trainable });
        this.#add(variable.op, variable.graphElement);
        this.#variables.push(variable);
        break;
      }
      case "group":
        this.#add(group(this.#pick(statement[2]), { graph, name: statement[1] }));
        break;
      case "scope":
        graph.withNameScope(statement[1], () => this.run(statement[2]));
        break;
      case "device": {
        const device = statement[1];
        const scope: DeviceScope = typeof device === "number" ? (DEVICE_FUNCTIONS[device] as DeviceScope) : device;
        graph.withDevice(scope, () => this.run(statement[2]));
        break;
      }
      case "control":
        graph.withControlDependencies(statement[1] && this.#pick(statement[1]), () => this.run(statement[2]));
        break;
      case "colocate":
        graph.withColocation(this.#made.at(statement[1]) as Operation, () => this.run(statement[2]));
        break;
      case "update": {
        const [, what, number, given, options] = statement;
        const made = this.#update(what, this.#variable(number), this.#valueOf(given), options);
        if (made instanceof Operation) this.#made.push(made);
        else this.#add(made.op);
        break;
      }
      case "read":
        this.#add(this.#variable(statement[1]).readValue().op);
        break;
      case "value":
        this.#add(this.#variable(statement[1]).value().op);
        break;
      case "import":
        this.#import(statement[1], statement[2] ?? []);
    }
  }

  #pick(numbers: readonly number[]): Operation[] {
    return numbers.map((number) => this.#made.at(number) as Operation);
  }

  #variable(number: number): Variable {
    return this.#variables[number] as Variable;
  }

  #valueOf([kind, content]: Given): VariableValue {
    if (kind === "host") return content as number[];
    return kind === "value" ? (this.#values.at(content as number) as Output) : this.#variable(content as number);
  }

  #update(what: Update, variable: Variable, value: VariableValue, options: UpdateOptions): Output | Operation {
    const { plain, name, use_locking: useLocking, validate_shape: validateShape, read_value: readValue } = options;
    const ours = { name: name ?? undefined, useLocking, validateShape };
    if (plain) return FUNCTIONS[what](variable, value, ours);
    const method = METHODS[what];
    return readValue === false
      ? variable[method](value, { ...ours, readValue })
      : variable[method](value, { ...ours, readValue });
  }

  /** Goes on in another graph, which this one is imported into. Before, some variables get a caching device. */
  #import(scope: string, cached: readonly [number: number, name: string, device: string][]): void {
    const { graph: before } = this;
    const defs = this.#variables.map((variable) => variable.toProto());
    for (const [number, name, device] of cached) {
      const copy = before.withDevice(device, () => identity(this.#variable(number).graphElement, { name }));
      (defs[number] as VariableDef).snapshotName = copy.name;
    }
    this.graph = new Graph();
    const { graph } = this;
    importGraphDef(graph, before.toGraphDef(true), { name: scope });
    this.#made = [];
    this.#values = [];
    this.#variables = defs.map((def) => Variable.fromProto(graph, def, scope));
    for (const variable of this.#variables) graph.addToCollection(GraphKeys.GLOBAL_VARIABLES, variable);
  }
}

/** All recorded programs. */
export const recordedPrograms = jsonLines<Recorded>(
  readFileSync(new URL("tensorflow-programs.jsonl", import.meta.url), "utf8"),
);
