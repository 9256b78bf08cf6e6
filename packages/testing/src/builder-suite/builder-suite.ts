import type { SuiteCase } from "../suite-case.js";
import { BuilderBench } from "./builder-bench.js";
import type { BuilderSuiteOptions, BuilderUnderTest } from "./builder-under-test.js";
import { graphCases } from "./graph-cases.js";
import { namingCases } from "./naming-cases.js";
import { valueCases } from "./value-cases.js";

/**
 * Tests the contract of a saver for a builder: values are restored as they were saved, under the requested names, and
 * the graph gets no unexpected operations.
 *
 * @param create - makes the builder and its sessions; called once for each case
 *
 * @example
 * ```ts
 * import type { Graph } from "@tfsaver/graph";
 * import { BulkSaverBuilder } from "@tfsaver/saver-builders";
 * import { LocalSession } from "@tfsaver/session-local";
 * import { MemoryStorage } from "@tfsaver/storage";
 * import { builderSuite } from "@tfsaver/testing";
 * import { it } from "vitest";
 *
 * const suite = builderSuite(async () => {
 *   const storage = new MemoryStorage();
 *   return {
 *     createBuilder: () => new BulkSaverBuilder(),
 *     openSession: (graph: Graph) => new LocalSession(graph, { storage }),
 *     root: "/",
 *   };
 * });
 * for (const { name, run } of suite) it(name, run);
 * ```
 */
export function builderSuite(create: () => Promise<BuilderUnderTest>, options: BuilderSuiteOptions = {}): SuiteCase[] {
  const cases = [...valueCases, ...namingCases, ...graphCases];
  return cases.map(([name, check]) => ({
    name,
    run: async () => {
      const subject = await create();
      const bench = new BuilderBench(subject, options.equal);
      try {
        await check(bench);
      } finally {
        await bench.close();
        await subject.cleanup?.();
      }
    },
  }));
}
