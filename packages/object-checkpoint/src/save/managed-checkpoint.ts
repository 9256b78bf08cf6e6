import { META_GRAPH_SUFFIX, STATE_FILENAME } from "@tfsaver/checkpoint-names";
import {
  ObservedPromise,
  type OperationOptions,
  type OptionNames,
  requireKnown,
  type WarningListener,
} from "@tfsaver/core";
import type { Session } from "@tfsaver/graph";
import { KeptCheckpoints, requireMetrics } from "@tfsaver/kept-checkpoints";
import {
  type KeptCheckpoint,
  type Ranking,
  type RetentionDecision,
  type RetentionPolicy,
  tensorflowDefault,
} from "@tfsaver/retention";
import { dirname, type Storage } from "@tfsaver/storage";
import type { LoadStatus } from "../status/load-status.js";

/** Options of `Checkpoint.managed`. */
export interface ManagedCheckpointOptions {
  /** Number of checkpoints to keep; `null` or 0 keeps all. Default: 5. */
  readonly maxToKeep?: number | null | undefined;
  /** Also keeps one checkpoint for every N hours. Default: none. */
  readonly keepCheckpointEveryNHours?: number | undefined;
  /** Decides which checkpoints to keep, in place of the two options above. A policy object belongs to one saver. */
  readonly retention?: RetentionPolicy | undefined;
  /** Called for every checkpoint that leaves the list: whether its files were removed, and why. */
  readonly onRetention?: ((decision: RetentionDecision) => void) | undefined;
  /** Called after each restore, to assert how much of the checkpoint was used. Default: nothing is asserted, as in TensorFlow. */
  readonly onRestored?: ((status: LoadStatus) => unknown) | undefined;
  /** Returns the time in milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

/** Options of {@link ManagedCheckpoint.save}. */
export interface ManagedCheckpointSaveOptions extends OperationOptions {
  /** Step number that is appended to the path after a `-`. */
  readonly globalStep: number;
  /** Measured values, for a `retention` policy that keeps the best. */
  readonly metrics?: Readonly<Record<string, number>> | undefined;
  /** Has no effect: a checkpoint of objects has no meta graph. */
  readonly writeMetaGraph?: boolean | undefined;
}

const OPTIONS: OptionNames<ManagedCheckpointOptions> = {
  maxToKeep: true,
  keepCheckpointEveryNHours: true,
  retention: true,
  onRetention: true,
  onRestored: true,
  clock: true,
};

const SAVE_OPTIONS: OptionNames<ManagedCheckpointSaveOptions> = {
  globalStep: true,
  metrics: true,
  writeMetaGraph: true,
  signal: true,
  onProgress: true,
};

/** A save that has begun. */
export interface BegunSave {
  /** Resolves when the values are taken. */
  readonly staged: Promise<unknown>;
  /** Resolves to the checkpoint's prefix when it is durable and in the state file. */
  readonly committed: Promise<string>;
}

/** A checkpoint object, as far as its manager needs it. */
export interface ManagedParts {
  readonly storage: Storage;
  readonly onWarning: WarningListener;
  /** Counts a save, and begins to write it. */
  readonly begin: (
    path: string,
    session: Session | undefined,
    options: OperationOptions,
    onWritten: (saved: string) => Promise<void>,
  ) => BegunSave;
  readonly restore: (path: string, session: Session | undefined, options: OperationOptions) => Promise<LoadStatus>;
}

/** Numbers the checkpoints of a `Checkpoint` by steps, and keeps some of them: the saver of a `CheckpointManager`. */
export class ManagedCheckpoint {
  readonly #kept: KeptCheckpoints;
  readonly #now: () => number;

  constructor(
    private readonly parts: ManagedParts,
    private readonly options: ManagedCheckpointOptions,
  ) {
    requireKnown("Checkpoint.managed", options, OPTIONS);
    const { retention, onRetention, clock = Date.now, maxToKeep = 5, keepCheckpointEveryNHours } = options;
    this.#now = () => clock() / 1000;
    this.#kept = new KeptCheckpoints(
      { retention, onRetention, saveRelativePaths: true },
      () => parts.storage,
      parts.onWarning,
    );
    const limits = { maxToKeep: maxToKeep ?? 0, keepCheckpointEveryNHours, startTime: this.#now() };
    this.#kept.use(retention ?? tensorflowDefault(limits), () => retention !== undefined || limits.maxToKeep !== 0);
  }

  /** The checkpoints that are kept, with steps, times, metrics and the reason for each; oldest first. */
  get keptCheckpoints(): readonly KeptCheckpoint[] {
    return this.#kept.explained;
  }

  /** The metric by which the `retention` policy keeps the best checkpoints; undefined if it does not. */
  get ranking(): Ranking | undefined {
    return this.options.retention?.ranking;
  }

  /**
   * Saves the values as the checkpoint `path-globalStep`, and removes the checkpoints that retention does not keep.
   *
   * @param session - the session of variables that are in a graph; `null` for that of the checkpoint
   * @throws as `Checkpoint.save`.
   */
  async save(session: Session | null, path: string, options: ManagedCheckpointSaveOptions): Promise<string> {
    return this.saveAsync(session, path, options).committed;
  }

  /** Begins to save, as {@link ManagedCheckpoint.save} does, and returns at once. */
  saveAsync(session: Session | null, path: string, options: ManagedCheckpointSaveOptions): BegunSave {
    requireKnown("ManagedCheckpoint.save", options, SAVE_OPTIONS);
    const { globalStep: step, metrics = {}, signal, onProgress } = options;
    requireMetrics(metrics);
    const { staged, committed } = this.parts.begin(
      `${path}-${step}`,
      session ?? undefined,
      { signal, onProgress },
      (saved) =>
        this.#kept.remember({
          record: { path: saved, time: this.#now(), step, metrics },
          ...{ isOwnPath: true, directory: dirname(saved), version: 2 },
          ...{ latestFilename: STATE_FILENAME, metaGraphSuffix: META_GRAPH_SUFFIX },
        }),
    );
    return { staged: ObservedPromise.of(staged), committed: ObservedPromise.of(committed) };
  }

  /**
   * Restores a checkpoint, as `Checkpoint.restore` does.
   *
   * @param session - the session of variables that are in a graph; `null` for that of the checkpoint
   */
  async restore(session: Session | null, path: string, options: OperationOptions = {}): Promise<LoadStatus> {
    const status = await this.parts.restore(path, session ?? undefined, options);
    await this.options.onRestored?.(status);
    return status;
  }

  /**
   * Takes over the checkpoints that the state file of a folder lists, unless there are checkpoints in the list.
   *
   * @throws the storage's errors.
   */
  recoverCheckpoints(directory: string): Promise<void> {
    return this.#kept.recover(directory, STATE_FILENAME);
  }

  /** Takes checkpoints off the list, so that retention neither counts nor removes them. */
  forgetCheckpoints(paths: readonly string[]): void {
    this.#kept.forget(paths);
  }
}
