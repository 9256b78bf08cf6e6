import type { OperationOptions, OptionNames } from "@tfsaver/core";
import type { Session } from "@tfsaver/graph";
import type { Storage } from "@tfsaver/storage";
import type { StopSignal } from "@tfsaver/storage/host";
import type { ManagedSaver, ManagedSaverSource } from "./managed-saver.js";
import type { MetricsSource } from "./metrics.js";
import type { SaveTimes } from "./policies/policy-of.js";

/** Options of {@link CheckpointManager}. */
export interface CheckpointManagerOptions {
  /**
   * Saves and restores. Its retention decides which checkpoints are kept. A `Checkpoint` of `@tfsaver/object-checkpoint` stands
   * for its `managed()`.
   */
  readonly saver: ManagedSaver | ManagedSaverSource;
  /** The session whose variables are saved; `null` for values in no graph. */
  readonly session: Session | null;
  /** Folder of the checkpoints. It is created if it is missing. */
  readonly directory: string;
  /** First part of the names of checkpoints, before `-` and the step. Default: `model.ckpt`. */
  readonly prefix?: string | undefined;
  /**
   * When {@link CheckpointManager.maybeSave} saves: after so many steps or seconds, when a policy says so, or when one of
   * several does: `[{ steps: 1000 }, onRequest()]`.
   */
  readonly every: SaveTimes;
  /**
   * True to save in the background: {@link CheckpointManager.maybeSave} returns as soon as the values are taken, and the loop
   * goes on while they are written. Default: false.
   */
  readonly async?: boolean | undefined;
  /** False to save no meta graph with each checkpoint. Default: true. */
  readonly writeMetaGraph?: boolean | undefined;
  /** Where the checkpoints are. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Returns the time in milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined;
  /** Called with warnings. Default: `console.warn`. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /**
   * Signals of the process that end the loop: the next {@link CheckpointManager.maybeSave} saves and returns `stop: true`.
   * A second signal ends the process at once. Default: none.
   */
  readonly onSignal?: readonly StopSignal[] | undefined;
  /**
   * Limit in milliseconds of the wait for the end of a step after a signal; then the process ends without a save.
   * Default: 10,000.
   */
  readonly graceMs?: number | undefined;
}

/** Options of {@link CheckpointManager.save}. */
export interface ManagerSaveOptions extends OperationOptions {
  /**
   * Values that were measured at this step, by name, or a function that measures them. The function is called only if this step
   * is saved, or if a policy decides on metrics.
   */
  readonly metrics?: MetricsSource | undefined;
}

/** Options of {@link CheckpointManager.maybeSave}. */
export interface MaybeSaveOptions extends ManagerSaveOptions {
  /** True for the last step of the loop. It is saved in any case. Default: false. */
  readonly isLast?: boolean | undefined;
}

/** Result of {@link CheckpointManager.maybeSave}: what it did, and why. */
export interface SaveOutcome {
  /** True if this step was saved, or is being saved in the background. */
  readonly saved: boolean;
  /** Prefix of the checkpoint, if it was saved. */
  readonly path?: string | undefined;
  /**
   * Only if the step is being saved in the background: resolves to the checkpoint's prefix when it is durable. If it rejects and
   * nobody has used it, the next {@link CheckpointManager.maybeSave}, {@link CheckpointManager.save} or
   * {@link CheckpointManager.close} throws the error.
   */
  readonly committed?: Promise<string | undefined>;
  /** The reason, for a person to read, such as `100 steps since step 300`. */
  readonly reason: string;
  /** True if a signal asks for the end of the loop, and this step is saved. */
  readonly stop?: true;
}

/** Options of {@link CheckpointManager.restoreOrInitialize}. */
export interface RestoreOrInitializeOptions extends OperationOptions {
  /** Initializes the values. Called only if the folder was read, or does not exist, and holds no checkpoint. */
  readonly init?: (() => unknown) | undefined;
  /** Behavior if all checkpoints are damaged: `reject`, or `init`, which begins anew. Default: `reject`. */
  readonly onAllDamaged?: "reject" | "init" | undefined;
}

export const MANAGER_OPTIONS: OptionNames<CheckpointManagerOptions> = {
  saver: true,
  session: true,
  directory: true,
  prefix: true,
  every: true,
  async: true,
  writeMetaGraph: true,
  storage: true,
  clock: true,
  onWarning: true,
  onSignal: true,
  graceMs: true,
};

export const SAVE_OPTIONS: OptionNames<ManagerSaveOptions> = { metrics: true, signal: true, onProgress: true };

export const MAYBE_SAVE_OPTIONS: OptionNames<MaybeSaveOptions> = { ...SAVE_OPTIONS, isLast: true };

export const RESTORE_OPTIONS: OptionNames<RestoreOrInitializeOptions> = {
  init: true,
  onAllDamaged: true,
  signal: true,
  onProgress: true,
};
