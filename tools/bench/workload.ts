import type { Contest, Outcome } from "./compare.js";
import type { Rival } from "./rival.js";

/** The run that a workload is part of. */
interface Bench {
  /** An empty folder for the workload's files, which is removed afterwards. */
  readonly folder: string;
  /** True for small sizes, which show that everything works but not how fast. */
  readonly quick: boolean;
  /** What this library is compared with. */
  readonly rival: Rival;
  /** Runs a comparison, and adds its results to the table. */
  compare(contest: Contest): Promise<Outcome>;
  /** Adds a note below the table, for a number that is not a time. */
  note(text: string): void;
}

export type Workload = (bench: Bench) => Promise<void>;
