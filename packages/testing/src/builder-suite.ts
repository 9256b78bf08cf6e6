import type { Tensor } from "@tfsaver/core";
import type { Graph, Session } from "@tfsaver/graph";
import type { BaseSaverBuilder } from "@tfsaver/saver-builders";
import { BuilderBench } from "./builder-bench.js";
import { graphCases } from "./builder-suite-graph.js";
import { namingCases } from "./builder-suite-naming.js";
import { valueCases } from "./builder-suite-values.js";
import type { SuiteCase } from "./storage-suite.js";

/** What a saver needs of a builder. */
export type SaverBuilder = Pick<BaseSaverBuilder, "build">;

/** A builder to be tested, and where what it builds is run. */
export interface BuilderUnderTest {
  /** Makes the builder; asked for a new one wherever a saver would be. */
  readonly createBuilder: () => SaverBuilder;
  /** Opens a session over a graph. What one session has saved, all others of the case must find. */
  readonly openSession: (graph: Graph) => Session;
  /** An existing, empty directory for checkpoints, where the sessions find it. */
  readonly root: string;
  /** Called when the case is over, whatever its end; the sessions are closed by then. */
  readonly cleanup?: (() => Promise<void>) | undefined;
}

/** Options of {@link builderSuite}. */
export interface BuilderSuiteOptions {
  /**
   * Whether a tensor was restored as it was saved, for builders that round. Numbers in the suite that must not be mixed
   * up differ by more than a tenth of themselves. Default: dtype, shape and every byte are the same.
   */
  readonly equal?: ((restored: Tensor, saved: Tensor) => boolean) | undefined;
}

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
