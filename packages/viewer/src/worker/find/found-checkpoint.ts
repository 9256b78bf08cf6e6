/** A checkpoint, or a file of another format with tensors, that a source holds. */
export interface FoundCheckpoint {
  /** What to open: a prefix; for a sharded V1 checkpoint a pattern; or a file. */
  readonly path: string;
  /** `V1`, `V2`, or the name of another format. */
  readonly format: string;
  /** Bytes that opening it reads: those of the whole file, where the format can't be read in parts; otherwise 0. */
  readonly bytesToOpen: number;
  /** The folder that it lies in. */
  readonly folder: string;
  /** Time of the last write in milliseconds since 1970; undefined if the storage does not know. */
  readonly modifiedMs: number | undefined;
  /** The step that its name ends with, or that the saver noted. */
  readonly step: number | undefined;
  /** What the saver measured, by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** True if the state file of the folder names it. */
  readonly inState: boolean;
  /** True if the state file names it as the latest. */
  readonly isLatest: boolean;
}

/** What was found, and which of it was meant. */
export interface Found {
  /** By folder, oldest first in each. */
  readonly checkpoints: readonly FoundCheckpoint[];
  /** Path of the one to show. */
  readonly chosen: string;
  /** What could not be used on the way. */
  readonly warnings: readonly string[];
}
