import { type Tensor, toTensor } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver, type SaverOptions } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage, type Storage } from "@tfsaver/storage";

export { filesIn } from "../../../fixtures/storage-files.js";

/** A graph of two small variables, a saver, and a session in which they are initialized. */
export async function smallModel(options: SaverOptions & { useResource?: boolean; storage?: Storage } = {}) {
  const { useResource = false, storage = new MemoryStorage(), ...saverOptions } = options;
  const graph = new Graph();
  const a = Variable.create([1, 2], { graph, name: "a", useResource });
  const b = Variable.create(toTensor(3, "int32"), { graph, name: "b", useResource });
  const warnings: string[] = [];
  const saver = new Saver({ graph, storage, onWarning: (message) => warnings.push(message), ...saverOptions });
  const session = new LocalSession(graph, { storage });
  await session.run([a.initializer, b.initializer]);
  return { graph, a, b, saver, session, storage, warnings };
}

/** Returns the error that an action rejects with. */
export async function errorOf(
  action: () => unknown,
): Promise<Error & { readonly kind?: string; readonly path?: string }> {
  try {
    await action();
  } catch (error) {
    return error as Error;
  }
  throw new Error("It did not fail");
}

/** A session in which all variables of a graph are initialized. */
export async function initializedSession(graph: Graph, storage: Storage): Promise<LocalSession> {
  const session = new LocalSession(graph, { storage });
  await session.run((graph.collection("variables") as Variable[]).map(({ initializer }) => initializer));
  return session;
}

/** Returns the values of variables, as nested arrays or scalars. */
export async function valuesOf(session: LocalSession, variables: readonly Variable[]): Promise<unknown[]> {
  const tensors = await session.run(variables.map(({ snapshot }) => snapshot));
  return tensors.map(nestedValues);
}

/** Returns a tensor's values as nested arrays; strings as text. */
export function nestedValues({ data, shape }: Tensor): unknown {
  let level: unknown[] = Array.from(data as ArrayLike<unknown>, (value) =>
    value instanceof Uint8Array ? new TextDecoder().decode(value) : value,
  );
  for (const size of [...shape].reverse()) {
    const count = level.length / size;
    level = Array.from({ length: count }, (_, i) => level.slice(i * size, (i + 1) * size));
  }
  return level[0];
}
