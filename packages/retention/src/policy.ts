/** A checkpoint as a policy sees it. */
export interface CheckpointRecord {
  /** Its prefix, as the save gave it back. Two records of the same text are the same checkpoint. */
  readonly path: string;
  /** When it was saved, in seconds since 1970; `Infinity` if nobody knows. */
  readonly time: number;
  /** The training step it was saved at, if the save was told. */
  readonly step?: number | undefined;
  /** Measured values by name, for policies that keep the best; empty if none were, `undefined` if nobody knows. */
  readonly metrics?: Readonly<Record<string, number>> | undefined;
}

/** What is to happen with a checkpoint. */
export interface RetentionDecision {
  readonly checkpoint: CheckpointRecord;
  /**
   * `delete`: remove its files. `keep`: leave them; from {@link RetentionPolicy.decide}, for good, and no policy will ask
   * about it again.
   */
  readonly action: "delete" | "keep";
  /** Why, in words for a person, such as `maxToKeep is 5 and 5 newer ones are kept`. */
  readonly reason: string;
}

/**
 * Decides which checkpoints to keep. It does no I/O and looks at no clock: it is told of every save, and whoever tells
 * it does what it decides, once that is safe:
 *
 * 1. A checkpoint is on disk, whole: {@link RetentionPolicy.record} it.
 * 2. Write the list that `record` gives into the state file.
 * 3. The state file is safe: carry out what {@link RetentionPolicy.decide} gives. No file named there is in the list.
 *
 * A policy is told of one saver's checkpoints, not of several savers'. If step 2 fails, step 3 is left out; what was to be decided then comes with a later save. A policy may let go of any
 * number of checkpoints per save, of old or new ones, and at any later time.
 */
export interface RetentionPolicy {
  /** The checkpoints that the policy holds on to, in the order in which the state file lists them (newest last). */
  readonly lastCheckpoints: readonly CheckpointRecord[];
  /** Replaces that list, as after a restart. What was already let go of stays so. */
  setLastCheckpoints(checkpoints: readonly CheckpointRecord[]): void;
  /** Takes note of a checkpoint just saved, perhaps over an older one of the same path; gives the new list. */
  record(checkpoint: CheckpointRecord): readonly CheckpointRecord[];
  /** Decisions that are due, on checkpoints that the policy has let go of. Each is given once. */
  decide(): readonly RetentionDecision[];
}
