import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { Graph, Variable } from "@tfsaver/graph";
import { HostVariable } from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { basename, type Storage } from "@tfsaver/storage";
import { Checkpoint } from "../../src/index.js";

/** The folder that histories save to. */
export const FOLDER = "/run";

/** A program whose values all derive from one number, and that saves them. */
interface Program {
  set(value: number): Promise<void>;
  /** Returns the values: that of `set`, and another one that must fit it. */
  get(): Promise<readonly number[]>;
  readonly checkpoint: Checkpoint;
}

/** A way to save. */
export interface Kind {
  readonly name: string;
  readonly program: (storage: Storage) => Program;
  /** Makes the n-th save of a history, counted from 1. */
  readonly save: (checkpoint: Checkpoint, n: number, signal?: AbortSignal) => Promise<string>;
}

function hostProgram(storage: Storage): Program {
  const [a, b] = [new HostVariable(0, { name: "a" }), new HostVariable(0, { name: "b" })];
  const checkpoint = new Checkpoint({ model: { a, list: [b] } }, { storage, onWarning: () => undefined });
  return {
    checkpoint,
    set: async (value) => {
      a.assign(value);
      b.assign(-value);
    },
    get: async () => [a, b].map(({ value }) => Number(value.data[0])),
  };
}

/** Variables on two tasks of a cluster, so that there are several shards. */
function graphProgram(storage: Storage): Program {
  const graph = new Graph();
  const on = (task: number) =>
    graph.withDevice(`/job:ps/task:${task}`, () => Variable.create(0, { graph, name: `v${task}` }));
  const [a, b] = [on(0), on(1)];
  const session = new LocalSession(graph, { storage });
  const checkpoint = new Checkpoint({ a, b }, { storage, session, onWarning: () => undefined });
  return {
    checkpoint,
    set: async (value) => {
      await a.load(value, session);
      await b.load(-value, session);
    },
    get: async () => (await session.run([a, b])).map(({ data }) => Number(data[0])),
  };
}

const managed = new WeakMap<Checkpoint, ReturnType<Checkpoint["managed"]>>();

function saverOf(checkpoint: Checkpoint) {
  const saver = managed.get(checkpoint) ?? checkpoint.managed({ maxToKeep: 2 });
  managed.set(checkpoint, saver);
  return saver;
}

export const kinds: readonly Kind[] = [
  {
    name: "numbered saves of values in no graph",
    program: hostProgram,
    save: (checkpoint, _, signal) => checkpoint.save(`${FOLDER}/m`, { signal }),
  },
  {
    name: "numbered saves through a session in shards",
    program: graphProgram,
    save: (checkpoint, _, signal) => checkpoint.save(`${FOLDER}/m`, { signal }),
  },
  {
    name: "saves of one path",
    program: hostProgram,
    save: (checkpoint, _, signal) => checkpoint.write(`${FOLDER}/m`, { signal }),
  },
  {
    name: "managed saves, of which two are kept",
    program: hostProgram,
    save: (checkpoint, n, signal) => saverOf(checkpoint).save(null, `${FOLDER}/m`, { globalStep: n, signal }),
  },
];

/** Makes two saves, of the values 10 and 20. */
export async function saveTwice(kind: Kind, storage: Storage, onSaved: (path: string) => void = () => undefined) {
  const program = kind.program(storage);
  for (const n of [1, 2]) {
    await program.set(n * 10);
    onSaved(await kind.save(program.checkpoint, n));
  }
}

/** Returns the value of a checkpoint, all of whose values must come from one save. */
export async function valueAt(kind: Kind, path: string, storage: Storage): Promise<number> {
  const program = kind.program(storage);
  (await program.checkpoint.restore(path)).assertNontrivialMatch();
  const [value = 0, other = 0] = await program.get();
  if (value !== -other) throw new Error(`${path} is a mixture: ${value} and ${other}`);
  return value;
}

/** Returns the values of all checkpoints of the folder, and that of the latest one. */
export async function survivorsIn(kind: Kind, storage: Storage) {
  const names = (await storage.stat(FOLDER)) === undefined ? [] : await storage.list(FOLDER);
  const prefixes = names
    .map(({ name }) => name)
    .filter((name) => name.endsWith(".index") && !name.includes(".tempstate"));
  const values = new Map<string, number>();
  for (const name of prefixes) {
    const path = `${FOLDER}/${name.slice(0, -".index".length)}`;
    values.set(basename(path), await valueAt(kind, path, storage));
  }
  const latest = await latestCheckpoint(FOLDER, { storage, onWarning: () => undefined });
  return { values, latest: latest && (await valueAt(kind, latest, storage)) };
}
