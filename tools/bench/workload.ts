import type { Contest, Outcome } from "./compare.js";

/** What a workload needs to know of the run it is part of. */
interface Bench {
  /** Where to write; its own, empty, removed afterwards. */
  readonly folder: string;
  /** Small sizes, which show that everything works, not how fast. */
  readonly quick: boolean;
  /** Carries out a comparison, and keeps what came of it. */
  compare(contest: Contest): Promise<Outcome>;
  /** Keeps a number that is not a time. */
  note(text: string): void;
}

export type Workload = (bench: Bench) => Promise<void>;
