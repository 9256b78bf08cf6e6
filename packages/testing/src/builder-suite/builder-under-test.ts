import type { Tensor } from "@tfsaver/core";
import type { Graph, Session } from "@tfsaver/graph";
import type { BaseSaverBuilder } from "@tfsaver/saver-builders";

/** The part of a builder that a saver uses. */
export type SaverBuilder = Pick<BaseSaverBuilder, "build">;

/** The builder that a case tests, and the sessions that run what it builds. */
export interface BuilderUnderTest {
  /** Makes a builder; called for every saver. */
  readonly createBuilder: () => SaverBuilder;
  /** Opens a session over a graph. All sessions of a case must find the checkpoints that any of them saved. */
  readonly openSession: (graph: Graph) => Session;
  /** An existing, empty directory for checkpoints that the sessions can reach. */
  readonly root: string;
  /** Called after the case, whether it passed or failed; its sessions are closed by then. */
  readonly cleanup?: (() => Promise<void>) | undefined;
}

/** Options of `builderSuite`. */
export interface BuilderSuiteOptions {
  /**
   * True if a tensor was restored as it was saved, for builders that round. Numbers that the suite must tell apart
   * differ by more than a tenth of their value. Default: compares dtype, shape and every byte.
   */
  readonly equal?: ((restored: Tensor, saved: Tensor) => boolean) | undefined;
}
