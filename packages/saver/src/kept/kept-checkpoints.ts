import { updateCheckpointState } from "@tfsaver/checkpoint-state";
import type { WarningListener } from "@tfsaver/core";
import type { CheckpointRecord, RetentionPolicy } from "@tfsaver/retention";
import type { Storage } from "@tfsaver/storage";
import type { SaverOptions } from "./options.js";
import { RecordFile } from "./record-file.js";
import { recoverRecords } from "./recover.js";
import { carryOut } from "./retained.js";

/** How a checkpoint was saved that is to be remembered. */
export interface SavedCheckpoint {
  readonly record: CheckpointRecord;
  /** Whether it has the path that it was to be saved under: a graph may say that it lies anywhere. */
  readonly isOwnPath: boolean;
  /** The folder of the state file. */
  readonly directory: string;
  readonly latestFilename: string;
  readonly metaGraphSuffix: string;
  /** `SaverDef_CheckpointFormatVersion`. */
  readonly version: number;
}

type Options = Pick<SaverOptions, "retention" | "recover" | "saveRelativePaths" | "onRetention">;

/** The checkpoints that a saver has written and not let go of: in memory, in the state file, and on disk. */
export class KeptCheckpoints {
  #policy: RetentionPolicy | undefined;
  /** What was set before there was a policy to take it. */
  #waiting: readonly CheckpointRecord[] = [];
  #mayRecover = false;
  /** Paths of those that this saver itself has written, as long as they are listed. */
  #own = new Set<string>();

  constructor(
    private readonly options: Options,
    private readonly storage: () => Storage,
    private readonly onWarning: WarningListener,
  ) {}

  /**
   * Lets a policy decide from now on.
   *
   * @param hasList - whether it takes note of checkpoints at all, so that there is a list to go on with
   */
  use(policy: RetentionPolicy, hasList: boolean): void {
    this.#policy = policy;
    this.#mayRecover = hasList && this.options.recover === true;
    if (this.#waiting.length > 0) policy.setLastCheckpoints(this.#waiting);
  }

  /** Paths, oldest first. */
  get paths(): string[] {
    return (this.#policy?.lastCheckpoints ?? this.#waiting).map(({ path }) => path);
  }

  set(records: readonly CheckpointRecord[]): void {
    this.#waiting = records;
    this.#policy?.setLastCheckpoints(records);
  }

  /** Takes note of a checkpoint that is on disk: writes the state file, and then removes what is let go of. */
  async remember({
    record,
    isOwnPath,
    directory,
    latestFilename,
    metaGraphSuffix,
    version,
  }: SavedCheckpoint): Promise<void> {
    const policy = this.#policy as RetentionPolicy;
    const { retention, saveRelativePaths, onRetention } = this.options;
    const [storage, onWarning] = [this.storage(), this.onWarning];
    if (this.#mayRecover && policy.lastCheckpoints.length === 0) {
      policy.setLastCheckpoints(await recoverRecords(directory, { storage, latestFilename, onWarning }));
    }
    this.#mayRecover = false;
    const before = policy.lastCheckpoints.filter(({ path }) => path !== record.path);
    const kept = policy.record(record);
    // TensorFlow's own policy asks for neither steps nor metrics, and leaves TensorFlow's files alone.
    if (retention !== undefined) {
      const named = new Set([...before, ...kept]);
      await new RecordFile(directory, latestFilename, storage).write([...named]);
    }
    await updateCheckpointState(directory, record.path, {
      allModelCheckpointPaths: kept.map(({ path }) => path),
      latestFilename,
      saveRelativePaths,
      storage,
    });
    const isOwn = (path: string) => this.#own.has(path) || (isOwnPath && path === record.path);
    await carryOut(policy, { storage, version, metaGraphSuffix, directory, isOwn, onWarning, onRetention });
    this.#own = new Set(policy.lastCheckpoints.map(({ path }) => path).filter(isOwn));
  }
}
