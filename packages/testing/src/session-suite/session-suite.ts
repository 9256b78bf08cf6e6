import type { Graph, Session } from "@tfsaver/graph";
import { BulkSaverBuilder } from "@tfsaver/saver-builders";
import { BuilderBench } from "../builder-suite/builder-bench.js";
import type { SuiteCase } from "../suite-case.js";
import { assignCases } from "./assign-cases.js";
import { feedCases } from "./feed-cases.js";
import { fetchCases } from "./fetch-cases.js";
import { lifetimeCases } from "./lifetime-cases.js";
import { saverCases } from "./saver-cases.js";
import { snapshotCases } from "./snapshot-cases.js";
import { variableCases } from "./variable-cases.js";

/** The sessions that a case tests. */
export interface SessionUnderTest {
  /** Opens a session over a graph. All sessions of a case must find the checkpoints that any of them saved. */
  readonly openSession: (graph: Graph) => Session;
  /** An existing, empty directory for checkpoints that the sessions can reach. */
  readonly root: string;
  /** Called after the case, whether it passed or failed; its sessions are closed by then. */
  readonly cleanup?: (() => Promise<void>) | undefined;
}

/**
 * Tests the contract of {@link Session}: feeds and fetches, which operations run and how often, errors, variables that
 * are assigned to and not shared with other sessions, snapshots, and the save and restore operations of a saver.
 *
 * @param create - makes the sessions; called once for each case
 *
 * @example
 * ```ts
 * import type { Graph } from "@tfsaver/graph";
 * import { LocalSession } from "@tfsaver/session-local";
 * import { MemoryStorage } from "@tfsaver/storage";
 * import { sessionSuite } from "@tfsaver/testing";
 * import { it } from "vitest";
 *
 * const suite = sessionSuite(async () => {
 *   const storage = new MemoryStorage();
 *   return { openSession: (graph: Graph) => new LocalSession(graph, { storage }), root: "/" };
 * });
 * for (const { name, run } of suite) it(name, run);
 * ```
 */
export function sessionSuite(create: () => Promise<SessionUnderTest>): SuiteCase[] {
  const cases = [
    ...fetchCases,
    ...feedCases,
    ...variableCases,
    ...assignCases,
    ...lifetimeCases,
    ...snapshotCases,
    ...saverCases,
  ];
  return cases.map(([name, check]) => ({
    name,
    run: async () => {
      const subject = await create();
      const bench = new BuilderBench({ ...subject, createBuilder: () => new BulkSaverBuilder() }, undefined);
      try {
        await check(bench);
      } finally {
        await bench.close();
        await subject.cleanup?.();
      }
    },
  }));
}
