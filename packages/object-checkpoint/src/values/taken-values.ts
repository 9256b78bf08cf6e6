import type { OperationOptions } from "@tfsaver/core";
import type { CommitOptions } from "@tfsaver/storage";

/** The values of one save, as they were when it was asked for. */
export interface TakenValues {
  /** True if a session writes the checkpoint in several shards, which it then merges. */
  readonly isSharded: boolean;
  /** True if a session writes the checkpoint, perhaps on another machine. */
  readonly isBySession: boolean;
  /** Settles when all values are taken. */
  readonly ready: Promise<unknown>;
  /** Writes the values as a checkpoint, and returns its prefix. */
  write(prefix: string, options: OperationOptions & CommitOptions): Promise<string>;
  /** Lets go of the values. */
  release(): void;
}
