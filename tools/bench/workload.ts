import type { Contest, Outcome } from "./compare.js";

/** The run that a workload is part of. */
interface Bench {
  /** An empty folder for the files of this workload, removed afterwards. */
  readonly folder: string;
  /** True for small sizes, which test that the benchmark works; their times mean nothing. */
  readonly quick: boolean;
  /** Runs a comparison and adds its outcome to the table. */
  compare(contest: Contest): Promise<Outcome>;
  /** Adds a line below the table, for measurements other than times. */
  note(text: string): void;
}

export type Workload = (bench: Bench) => Promise<void>;
