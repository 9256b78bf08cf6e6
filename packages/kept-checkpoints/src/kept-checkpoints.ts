import { checkpointIdentity } from "@tfsaver/checkpoint-files";
import { updateCheckpointState } from "@tfsaver/checkpoint-state";
import type { WarningListener } from "@tfsaver/core";
import {
  type CheckpointRecord,
  type KeptCheckpoint,
  keptCheckpoints,
  type RetentionDecision,
  type RetentionPolicy,
} from "@tfsaver/retention";
import { joinPath, type Storage } from "@tfsaver/storage";
import { applyRetention } from "./apply-retention.js";
import { protectedFiles } from "./protected-files.js";
import { RecordFile } from "./record-file.js";
import { recoverRecords } from "./recover-records.js";

/** A checkpoint that was just saved. */
export interface SavedCheckpoint {
  readonly record: CheckpointRecord;
  /** True if it has the path that was asked for: the graph of a saver may return any other path. */
  readonly isOwnPath: boolean;
  /** The folder of the state file. */
  readonly directory: string;
  readonly latestFilename: string;
  readonly metaGraphSuffix: string;
  /** `SaverDef_CheckpointFormatVersion`. */
  readonly version: number;
}

/** Options of {@link KeptCheckpoints}. */
export interface KeptCheckpointsOptions {
  /** The policy, if it is not TensorFlow's. Then steps and metrics are kept in a file of their own beside the state file. */
  readonly retention?: RetentionPolicy | undefined;
  /** Takes over the checkpoints that the state file lists with the first save. Default: false. */
  readonly recover?: boolean | undefined;
  /** Writes relative paths into the state file. Default: false. */
  readonly saveRelativePaths?: boolean | undefined;
  /** Called for every checkpoint that leaves the list: whether its files were removed, and why. */
  readonly onRetention?: ((decision: RetentionDecision) => void) | undefined;
}

/** The checkpoints that a saver keeps: in memory, in the state file, and on disk. */
export class KeptCheckpoints {
  #policy: RetentionPolicy | undefined;
  /** Records that were set before there was a policy. */
  #waiting: readonly CheckpointRecord[] = [];
  #hasList = () => false;
  #mayRecover = false;
  /** Identities of the listed checkpoints by their paths, so that a save asks the storage only for its own. */
  readonly #identities = new Map<string, string>();
  /** Paths that this saver itself wrote, as long as they are listed. */
  #own = new Set<string>();

  constructor(
    private readonly options: KeptCheckpointsOptions,
    private readonly storage: () => Storage,
    private readonly onWarning: WarningListener,
  ) {}

  /**
   * Sets the policy that decides from now on.
   *
   * @param hasList - tells if the policy records checkpoints, so that a recovered list has an effect
   */
  use(policy: RetentionPolicy, hasList: () => boolean): void {
    this.#policy = policy;
    this.#hasList = hasList;
    this.#mayRecover = this.options.recover === true;
    if (this.#waiting.length > 0) policy.setLastCheckpoints(this.#waiting);
  }

  /** Paths of the kept checkpoints, oldest first. */
  get paths(): string[] {
    return this.#records.map(({ path }) => path);
  }

  /** The kept checkpoints with the reason for each, oldest first. */
  get explained(): readonly KeptCheckpoint[] {
    if (this.#policy !== undefined) return keptCheckpoints(this.#policy);
    return this.#waiting.map((record) => ({ ...record, reason: "the saver is not built yet" }));
  }

  get #records(): readonly CheckpointRecord[] {
    return this.#policy?.lastCheckpoints ?? this.#waiting;
  }

  /** Replaces the list of checkpoints. */
  set(records: readonly CheckpointRecord[]): void {
    this.#waiting = records;
    this.#policy?.setLastCheckpoints(records);
  }

  /** Takes over the checkpoints that the state file of a folder lists, unless there are checkpoints in the list. */
  async recover(directory: string, latestFilename: string): Promise<void> {
    if (this.#records.length === 0 && (this.#policy === undefined || this.#hasList())) {
      const [storage, onWarning] = [this.storage(), this.onWarning];
      this.set(await recoverRecords(directory, { storage, latestFilename, onWarning }));
    }
    this.#mayRecover = false;
  }

  /** Takes checkpoints off the list. Their files stay. */
  forget(paths: readonly string[]): void {
    this.set(this.#records.filter(({ path }) => !paths.includes(path)));
  }

  /** Records a checkpoint that is on disk: writes the state file, then removes what the policy does not keep. */
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
    if (this.#mayRecover) await this.recover(directory, latestFilename);
    await this.#respell(record.path);
    const before = policy.lastCheckpoints.filter(({ path }) => path !== record.path);
    const kept = policy.record(record);
    // TensorFlow's policy uses neither steps nor metrics, and with it only TensorFlow's files are written.
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
    await applyRetention(policy, {
      ...{ storage, version, metaGraphSuffix, directory, isOwn, onWarning, onRetention },
      isProtected: protectedFiles(record.path, joinPath(directory, latestFilename), storage),
    });
    this.#own = new Set(policy.lastCheckpoints.map(({ path }) => path).filter(isOwn));
  }

  /** Replaces other spellings of a path in the list by the new one: one path is one checkpoint. */
  async #respell(path: string): Promise<void> {
    const policy = this.#policy as RetentionPolicy;
    const identity = await this.#identityOf(path);
    let hasOther = false;
    const list: CheckpointRecord[] = [];
    for (const known of policy.lastCheckpoints) {
      const isOther = known.path !== path && (await this.#identityOf(known.path)) === identity;
      hasOther ||= isOther;
      list.push(isOther ? { ...known, path } : known);
    }
    if (hasOther) policy.setLastCheckpoints(list);
    const paths = new Set([path, ...list.map((known) => known.path)]);
    for (const known of this.#identities.keys()) if (!paths.has(known)) this.#identities.delete(known);
  }

  async #identityOf(path: string): Promise<string> {
    const identity = this.#identities.get(path) ?? (await checkpointIdentity(path, this.storage()));
    this.#identities.set(path, identity);
    return identity;
  }
}
