import type { BuilderBench } from "../builder-suite/builder-bench.js";

/** A case of the session suite. */
export type SessionCase = readonly [name: string, check: (bench: BuilderBench) => Promise<void>];
