import type { SuiteCase } from "../suite-case.js";
import { BuilderBench } from "./builder-bench.js";
import type { BuilderSuiteOptions, BuilderUnderTest } from "./builder-under-test.js";
import { graphCases } from "./graph-cases.js";
import { namingCases } from "./naming-cases.js";
import { valueCases } from "./value-cases.js";

/**
 * Tests whether a builder's savers keep the contract of a saver: what was saved is what is restored, under the names that
 * were asked for, and the graph gets nothing that it shouldn't. `create` is called anew for every case.
 *
 * @example
 * ```ts
 * for (const { name, run } of builderSuite(createMine)) it(name, run);
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
