import { bytesEqual, formatShape, shapesEqual, type Tensor, tensorBytes, tensorStrings, toTensor } from "@tfsaver/core";
import { type Graph, group, type Session, Variable, type VariableOptions } from "@tfsaver/graph";
import type { BuildOptions, VarList } from "@tfsaver/saver-builders";
import { ensure, ensureEqual } from "../assertions.js";
import type { BuilderSuiteOptions, BuilderUnderTest, SaverBuilder } from "./builder-under-test.js";

/** A case of the builder suite. */
export type BuilderCase = readonly [name: string, check: (bench: BuilderBench) => Promise<void>];

/** The description of a saver that a builder returns. */
export type BuiltSaver = ReturnType<SaverBuilder["build"]>;

/** Builds, saves and restores like a saver, for one case. */
export class BuilderBench {
  readonly #sessions: Session[] = [];
  readonly #equal: NonNullable<BuilderSuiteOptions["equal"]>;

  constructor(
    private readonly subject: BuilderUnderTest,
    equal: BuilderSuiteOptions["equal"],
  ) {
    this.#equal = equal ?? sameBytes;
  }

  /** Returns a path in the directory for checkpoints. */
  path(name: string): string {
    return `${this.subject.root.replace(/\/$/, "")}/${name}`;
  }

  /** Adds a saver with a new builder. */
  build(graph: Graph, varList: VarList, options: BuildOptions = {}): BuiltSaver {
    return this.subject.createBuilder().build(varList, { graph, ...options });
  }

  open(graph: Graph): Session {
    const session = this.subject.openSession(graph);
    this.#sessions.push(session);
    return session;
  }

  /** Opens a session and initializes variables in it. */
  async openInitialized(graph: Graph, variables: Iterable<Variable>): Promise<Session> {
    const initializers = Array.from(variables, ({ initializer }) => initializer);
    const session = this.open(graph);
    await session.run(group(initializers, { graph, name: "suite_init" }));
    return session;
  }

  /** Saves, and returns the prefix to restore. */
  async save(session: Session, saver: BuiltSaver, path: string): Promise<string> {
    const saved = await session.run(session.graph.output(saver.saveTensorName), { [saver.filenameTensorName]: path });
    return new TextDecoder().decode(tensorStrings(saved)[0]);
  }

  async restore(session: Session, saver: BuiltSaver, path: string): Promise<void> {
    await session.run(session.graph.operation(saver.restoreOpName), { [saver.filenameTensorName]: path });
  }

  /** Fails unless the variables have these values, up to the precision of the builder. */
  async ensureValues(session: Session, expected: ReadonlyMap<Variable, Tensor>, what: string): Promise<void> {
    for (const [variable, saved] of expected) {
      const restored = await session.run(variable).catch((error: unknown) => {
        ensure(false, `${what}: ${variable.name} has no value: ${String(error)}`);
      });
      ensure(
        this.#equal(restored, saved),
        `${what}: ${variable.name} is ${describe(restored)} but should be ${describe(saved)}`,
      );
    }
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) await session.close();
  }
}

/** Creates a variable with a tensor as its initial value. */
export function variableOf(graph: Graph, name: string, value: Tensor, options: VariableOptions = {}): Variable {
  return Variable.create(value, { graph, name, ...options });
}

/** Makes `count` float32 numbers from `start` on, each at least twice the previous one. */
export function numbers(count: number, start = 1, shape: readonly number[] = [count]): Tensor {
  return toTensor(
    Array.from({ length: count }, (_, i) => (start + i) * 2 ** (start + i)),
    "float32",
    shape,
  );
}

/** Fails unless `build` throws an error of this kind. */
export function ensureThrows(build: () => unknown, kind: string, what: string): void {
  let thrown: unknown;
  try {
    build();
  } catch (error) {
    thrown = error;
  }
  ensure(thrown !== undefined, `${what}: expected a ${kind} but there was no error`);
  ensureEqual((thrown as Error).name, kind, `${what}, kind of error`);
}

function sameBytes(a: Tensor, b: Tensor): boolean {
  if (a.dtype !== b.dtype || !shapesEqual(a.shape, b.shape)) return false;
  if (a.dtype === "string") return text(a) === text(b);
  return bytesEqual(tensorBytes(a), tensorBytes(b));
}

function describe(tensor: Tensor): string {
  const data = tensor.dtype === "string" ? text(tensor) : Array.from(tensor.data as ArrayLike<number>).join(", ");
  return `${tensor.dtype}${formatShape(tensor.shape)} ${data.length > 100 ? `${data.slice(0, 100)}…` : data}`;
}

function text(tensor: Tensor): string {
  return JSON.stringify(tensorStrings(tensor).map((bytes) => Array.from(bytes)));
}
