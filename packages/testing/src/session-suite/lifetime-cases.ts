import { isCheckpointError } from "@tfsaver/core";
import { constant, Graph } from "@tfsaver/graph";
import { ensure, ensureEqual, ensureRejects } from "../assertions.js";
import { counter, numberOf } from "./sample-graphs.js";
import type { SessionCase } from "./session-case.js";

/** Cases for the end of runs and sessions. */
export const lifetimeCases: readonly SessionCase[] = [
  [
    "runs nothing after close, which may be called twice",
    async (bench) => {
      const graph = new Graph();
      const one = constant(1, { graph, name: "one" });
      const used = bench.open(graph);
      await used.run(one);
      for (const session of [used, bench.open(graph)]) {
        await session.close();
        await session.close();
        await ensureRejects(() => session.run(one), "RuntimeError", "running after close");
        await ensureRejects(() => session.run([]), "RuntimeError", "running an empty list after close");
      }
    },
  ],
  [
    "closes while runs are in progress",
    async (bench) => {
      const graph = new Graph();
      const one = constant(1, { graph, name: "one" });
      const session = bench.open(graph);
      const running = Array.from({ length: 5 }, () => session.run(one).catch((error: unknown) => error));
      await session.close();
      for (const end of await Promise.all(running)) {
        const isFine = !(end instanceof Error) || isCheckpointError(end);
        ensure(isFine, `a run ended with ${String(end)}`);
      }
      await ensureRejects(() => session.run(one), "RuntimeError", "running after close");
    },
  ],
  [
    "runs nothing if the signal is already aborted",
    async (bench) => {
      const graph = new Graph();
      const { variable, increment } = counter(graph, "count");
      const session = await bench.openInitialized(graph, [variable]);
      const options = { signal: AbortSignal.abort() };
      await ensureRejects(() => session.run(increment, {}, options), "CancelledError", "running");
      ensureEqual(numberOf(await session.run(variable)), 0, "number of runs of the operation");
    },
  ],
  [
    "keeps working after a canceled run",
    async (bench) => {
      const graph = new Graph();
      const { variable, increment } = counter(graph, "count");
      const session = bench.open(graph);
      for (const waits of [0, 1, 2, 3, 5, 8]) {
        const controller = new AbortController();
        const running = session.run(variable.initializer, {}, { signal: controller.signal });
        for (let i = 0; i < waits; i++) await new Promise((resolve) => setTimeout(resolve));
        controller.abort();
        // The run may have finished before.
        const error = await running.catch((reason: unknown) => reason);
        ensure(error === null || isCheckpointError(error, "CancelledError"), `a run ended with ${String(error)}`);
      }
      await session.run(variable.initializer);
      await session.run(increment);
      ensureEqual(numberOf(await session.run(variable)), 1, "afterwards");
    },
  ],
];
