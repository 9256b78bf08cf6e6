import type { Ranking } from "./ranking.js";
import type { CheckpointRecord } from "./record.js";

/** A decision about one checkpoint. */
export interface RetentionDecision {
  readonly checkpoint: CheckpointRecord;
  /**
   * `delete`: remove the files of the checkpoint. `keep`: leave them. A `keep` from {@link RetentionPolicy.decide} is
   * final: the policy never mentions the checkpoint again.
   */
  readonly action: "delete" | "keep";
  /** The reason, for a person to read, such as `maxToKeep is 5 and 5 newer ones are kept`. */
  readonly reason: string;
}

/**
 * Decides which checkpoints to keep. A policy does no I/O and reads no clock. Its owner, usually a saver, tells it
 * about every save and carries out its decisions:
 *
 * 1. The checkpoint is complete on disk: call {@link RetentionPolicy.record}.
 * 2. Write the list that `record` returned to the state file.
 * 3. The state file is written: carry out the decisions that {@link RetentionPolicy.decide} returns. The list never
 *    contains a checkpoint that is to be deleted.
 *
 * If step 2 fails, skip step 3; the same decisions are returned after a later save. A policy may let go of any number
 * of checkpoints per save, old or new, and at any later time. Use one policy for each saver.
 */
export interface RetentionPolicy {
  /** The checkpoints that the policy holds, in the order of the state file (newest last). */
  readonly lastCheckpoints: readonly CheckpointRecord[];
  /** The metric by which the policy keeps the best. Undefined if it keeps checkpoints for other reasons. */
  readonly ranking?: Ranking | undefined;
  /** The reason why it holds each of {@link RetentionPolicy.lastCheckpoints}, for a policy that is not made of a rule. */
  readonly whyListed?: string | undefined;
  /** Replaces the list, for example after a restart. Pending decisions stay pending. */
  setLastCheckpoints(checkpoints: readonly CheckpointRecord[]): void;
  /** Adds a checkpoint that was just saved, and returns the new list. An older record of the same path is replaced. */
  record(checkpoint: CheckpointRecord): readonly CheckpointRecord[];
  /** Returns the pending decisions about checkpoints that the policy has let go of. Each is returned once. */
  decide(): readonly RetentionDecision[];
}
