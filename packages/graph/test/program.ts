import { readFileSync } from "node:fs";
import { jsonLines } from "../../../fixtures/json-lines.js";
import {
  constant,
  type DeviceScope,
  Graph,
  group,
  identity,
  type Operation,
  type Output,
  Variable,
} from "../src/index.js";

type Statement =
  | ["noop" | "const", string]
  | ["identity", string, number]
  | ["variable", string, boolean, boolean]
  | ["group", string, number[]]
  | ["scope", string, Statement[]]
  | ["device", string | number | null, Statement[]]
  | ["control", number[] | null, Statement[]]
  | ["colocate", number, Statement[]];

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
  readonly graph = new Graph();
  readonly #made: Operation[] = [];
  readonly #values: Output[] = [];

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
        graph.withColocation(this.#made[statement[1]] as Operation, () => this.run(statement[2]));
    }
  }

  #pick(numbers: readonly number[]): Operation[] {
    return numbers.map((number) => this.#made[number] as Operation);
  }
}

/** All recorded programs. */
export const recordedPrograms = jsonLines<Recorded>(
  readFileSync(new URL("tensorflow-programs.jsonl", import.meta.url), "utf8"),
);
