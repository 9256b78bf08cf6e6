/** Purpose of a file of a checkpoint. */
export type FileRole =
  /** The index of a V2 checkpoint. */
  | "index"
  /** A data shard of a V2 checkpoint. */
  | "data"
  /** A V1 checkpoint, or one shard of it. */
  | "slices"
  /** A meta graph. */
  | "meta-graph"
  /** A state file, which lists the checkpoints of a folder. */
  | "state"
  /** The steps and metrics that belong to a state file. */
  | "records"
  /** The lock of a checkpoint that is being written. */
  | "lock"
  /** The folder in which the parts of a checkpoint are written. */
  | "parts";

/** How far a file is. */
export type FileStage =
  /** The file has its own name. */
  | "final"
  /** The file is being written; a crash leaves it incomplete. */
  | "temporary"
  /** The file is complete and waits to replace the one of an older checkpoint. */
  | "staged"
  /** An index whose checkpoint is being removed. */
  | "removing"
  /** The guard of an abandoned lock that is being removed. */
  | "breaking";

/** A parsed file name. */
export interface CheckpointFilename {
  /**
   * Prefix of the checkpoint that the file belongs to, with the folder in front if the name had one. Of a state file and
   * its records: the name of the state file.
   */
  readonly prefix: string;
  /** `undefined` for the files that both formats have. */
  readonly format: "V1" | "V2" | undefined;
  readonly role: FileRole;
  readonly stage: FileStage;
  /** Number of the shard, from 0. `undefined` for a file that is no shard. */
  readonly shard?: number | undefined;
  /** Number of shards in the checkpoint. `undefined` for a file that is no shard. */
  readonly numShards?: number | undefined;
  /**
   * True for the first staged shard of a V1 checkpoint once all shards are staged. From then on, the staged shards are the
   * checkpoint.
   */
  readonly isWhole?: boolean | undefined;
}
