/** Builds a graph of variables and a saver, and runs them. */
import { createHash } from "node:crypto";
import { tensorBytes, tensorStrings } from "@tfsaver/core";
import { Graph, type Output, placeholder, Variable } from "@tfsaver/graph";
import { importMetaGraph, Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { NodeStorage } from "@tfsaver/storage/node";
import type { Measured } from "../side.js";
import type { VariablesSpec } from "../variables.js";
import { contentOf } from "./content.js";
import { measure } from "./measure.js";

let graph: Graph;
let variables: Variable[];
let session: LocalSession;
let saver: Saver;

/** TensorFlow never flushes, so this library flushes only where the benchmark asks for it. */
let storage = new NodeStorage({ fsync: false });

function declare(spec: VariablesSpec, index: number): readonly [Variable, Output] {
  const device = spec.devices > 0 ? `/cpu:${index % spec.devices}` : null;
  return graph.withDevice(device, () => {
    const initial = placeholder(spec.dtype, { graph, shape: [spec.elements] });
    const name = `${spec.scope}variable_${String(index).padStart(5, "0")}`;
    return [Variable.create(initial, { graph, name, useResource: true }), initial];
  });
}

/** Builds a graph of variables, which get no values yet. */
function prepare(spec: VariablesSpec): (readonly [Variable, Output])[] {
  graph = new Graph();
  session = new LocalSession(graph, { storage });
  const declared = Array.from({ length: spec.count }, (_, i) => declare(spec, i));
  variables = declared.map(([variable]) => variable);
  return declared;
}

async function build(spec: VariablesSpec): Promise<void> {
  const declared = prepare(spec);
  for (const [i, [variable, initial]] of declared.entries()) {
    await session.run(variable.initializer, new Map([[initial, contentOf(spec, i)]]));
  }
}

const newSaver = (sharded: boolean) =>
  new Saver({ graph, sharded, maxToKeep: 1_000_000, storage, onWarning: () => undefined });

/** Opens a session without values of variables, and frees the memory of the previous one, as TensorFlow does. */
async function forget(): Promise<void> {
  await session.close();
  globalThis.gc?.();
  session = new LocalSession(graph, { storage });
}

async function save({ prefix }: { prefix: string }): Promise<void> {
  await saver.save(session, prefix, { writeMetaGraph: false, writeState: false });
}

/** Largest number of bytes that a hash takes at once. */
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  const size = 1 << 30;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function digest(): Promise<string> {
  const hash = createHash("sha256");
  for (const variable of variables) {
    const value = await session.run(variable.snapshot);
    const contents = value.dtype === "string" ? tensorStrings(value) : pieces(tensorBytes(value));
    for (const bytes of contents) hash.update(bytes);
  }
  return hash.digest("hex");
}

export const savers = {
  build,
  prepare: (spec: VariablesSpec): void => void prepare(spec),
  saver: ({ sharded }: { sharded: boolean }) => {
    saver = newSaver(sharded);
  },
  /** Builds a saver and makes its first save. */
  buildAndSave: ({ prefix }: { prefix: string }): Promise<Measured> =>
    measure(async () => {
      saver = newSaver(false);
      await save({ prefix });
    }),
  save: (params: { prefix: string }): Promise<Measured> => measure(() => save(params)),
  forget,
  /** Opens a session whose saves flush, as this library's do by default. */
  useFsync: async (params: { prefix: string }): Promise<void> => {
    storage = new NodeStorage();
    await forget();
    await saver.restore(session, params.prefix);
  },
  restore: ({ prefix }: { prefix: string }): Promise<Measured> => measure(() => saver.restore(session, prefix)),
  exportMeta: ({ path }: { path: string }): Promise<Measured> =>
    measure(() => saver.exportMetaGraph({ filename: path })),
  importMeta: ({ path }: { path: string }): Promise<Measured> =>
    measure(() => importMetaGraph(path, { graph: new Graph() })),
  digest,
};
