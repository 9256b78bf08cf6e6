import { Graph, identity, Variable } from "@tfsaver/graph";
import { ensureEqual, ensureRejects } from "../assertions.js";
import { numberOf } from "./sample-graphs.js";
import type { SessionCase } from "./session-case.js";

const kindCases = [false, true].map(
  (useResource): SessionCase => [
    `keeps the values of ${useResource ? "resource" : "reference"} variables in a snapshot, if it takes snapshots`,
    async (bench) => {
      const graph = new Graph();
      const variable = Variable.create([1], { graph, name: "v", useResource });
      const copy = identity(variable.snapshot, { name: "copy" });
      const session = await bench.openInitialized(graph, [variable]);
      if (session.snapshot === undefined) return;
      const set = (value: number) => variable.load([value], session);
      const first = session.snapshot();
      await set(2);
      const second = session.snapshot();
      await set(3);
      ensureEqual(numberOf(await first.run(copy)), 1, "in the first snapshot");
      ensureEqual(numberOf(await second.run(variable)), 2, "in the second snapshot");
      ensureEqual(numberOf(await session.run(variable)), 3, "in the session");
      first.close();
      ensureEqual(numberOf(await second.run(variable)), 2, "in the second snapshot, when the first is closed");
      second.close();
    },
  ],
);

/** Cases for sessions that take snapshots. The others pass them. */
export const snapshotCases: readonly SessionCase[] = [
  ...kindCases,
  [
    "keeps what was not initialized uninitialized in a snapshot, if it takes snapshots",
    async (bench) => {
      const graph = new Graph();
      const variable = Variable.create([1], { graph, name: "v" });
      const session = bench.open(graph);
      const snapshot = session.snapshot?.();
      if (snapshot === undefined) return;
      await session.run(variable.initializer);
      await ensureRejects(() => snapshot.run(variable), "FailedPreconditionError", "reading it in the snapshot");
      snapshot.close();
    },
  ],
  [
    "keeps a snapshot when the session is closed, if it takes snapshots",
    async (bench) => {
      const graph = new Graph();
      const variable = Variable.create([1], { graph, name: "v" });
      const session = await bench.openInitialized(graph, [variable]);
      const snapshot = session.snapshot?.();
      if (snapshot === undefined) return;
      await session.close();
      ensureEqual(numberOf(await snapshot.run(variable)), 1, "in the snapshot of a closed session");
      snapshot.close();
      await ensureRejects(async () => session.snapshot?.(), "RuntimeError", "a snapshot of a closed session");
    },
  ],
];
