import type { Graph, Session } from "@tfsaver/graph";
import { BulkSaverBuilder } from "@tfsaver/saver-builders";
import { BuilderBench } from "../builder-suite/builder-bench.js";
import type { SuiteCase } from "../suite-case.js";
import { feedCases } from "./feed-cases.js";
import { fetchCases } from "./fetch-cases.js";
import { lifetimeCases } from "./lifetime-cases.js";
import { saverCases } from "./saver-cases.js";
import { variableCases } from "./variable-cases.js";

/** Where sessions to be tested come from. */
export interface SessionUnderTest {
  /** Opens a session over a graph. What one session has saved, all others of the case must find. */
  readonly openSession: (graph: Graph) => Session;
  /** An existing, empty directory for checkpoints, where the sessions find it. */
  readonly root: string;
  /** Called when the case is over, whatever its end; the sessions are closed by then. */
  readonly cleanup?: (() => Promise<void>) | undefined;
}

/**
 * Tests whether a session keeps the contract of {@link Session}: what is fetched and fed, what runs and how often, which
 * errors there are, and that a saver's operations save and restore. `create` is called anew for every case. Sessions must
 * have variables of their own.
 *
 * @example
 * ```ts
 * for (const { name, run } of sessionSuite(createMine)) it(name, run);
 * ```
 */
export function sessionSuite(create: () => Promise<SessionUnderTest>): SuiteCase[] {
  const cases = [...fetchCases, ...feedCases, ...variableCases, ...lifetimeCases, ...saverCases];
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
