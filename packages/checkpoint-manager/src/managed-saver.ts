import type { OperationOptions } from "@tfsaver/core";
import type { Session } from "@tfsaver/graph";
import type { KeptCheckpoint, Ranking } from "@tfsaver/retention";

/** Options of {@link ManagedSaver.save}. */
export interface ManagedSaveOptions extends OperationOptions {
  /** Step number that is appended to the path after a `-`. */
  readonly globalStep: number;
  /** Measured values by name. */
  readonly metrics?: Readonly<Record<string, number>> | undefined;
  /** False to write no description of the graph beside the checkpoint, for a saver that writes one. */
  readonly writeMetaGraph?: boolean | undefined;
}

/** A save that {@link ManagedSaver.saveAsync} has begun. */
export interface ManagedPendingSave {
  /** Resolves when the values are taken: from then on, they may change. */
  readonly staged: Promise<unknown>;
  /** Resolves to the checkpoint's prefix when it is durable and in the state file; to undefined if there is nothing to save. */
  readonly committed: Promise<string | undefined>;
}

/**
 * The contract of a saver for a {@link CheckpointManager}. The `Saver` of `@tfsaver/saver` is one, and so is
 * the `ManagedCheckpoint` of `@tfsaver/object-checkpoint`. Retention is the saver's: it
 * decides which checkpoints are kept, and writes the state file.
 */
export interface ManagedSaver {
  /** The checkpoints that are kept, oldest first. */
  readonly keptCheckpoints: readonly KeptCheckpoint[];
  /** The metric by which the best checkpoints are kept; undefined if they are not. */
  readonly ranking: Ranking | undefined;
  /**
   * Saves the values as the checkpoint `path-globalStep`.
   *
   * @returns the checkpoint's prefix; undefined if there is nothing to save
   */
  save(session: Session | null, path: string, options: ManagedSaveOptions): Promise<string | undefined>;
  /**
   * Begins to save, as {@link ManagedSaver.save} does, and returns at once. Needed for the manager's option `async`. Each save
   * begins when the one before has ended.
   */
  saveAsync?(session: Session | null, path: string, options: ManagedSaveOptions): ManagedPendingSave;
  /** Restores a checkpoint. If that fails, no value has changed. */
  restore(session: Session | null, path: string, options: OperationOptions): Promise<unknown>;
  /**
   * Takes over the checkpoints that the state file of a folder lists, unless there are checkpoints in the list.
   *
   * @throws the storage's errors.
   */
  recoverCheckpoints(directory: string): Promise<void>;
  /** Takes checkpoints off the list, so that retention neither counts nor removes them. */
  forgetCheckpoints(paths: readonly string[]): void;
}

/** Something that makes its own saver, such as the `Checkpoint` of `@tfsaver/object-checkpoint`. */
export interface ManagedSaverSource {
  /** Returns a saver with the default retention. */
  managed(): ManagedSaver;
}
