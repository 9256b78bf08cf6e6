import type { CheckpointRecord } from "@tfsaver/retention";

/** Facts on which a policy decides. */
export interface SaveSituation {
  /** The step that has just ended. */
  readonly step: number;
  /** The time, in seconds since 1970. */
  readonly time: number;
  /** Values that were measured at this step, by name. Empty if a function measures them, unless the policy reads metrics. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Step and time of the last save; before the first, those from which the run goes on. A new run begins at step 0. */
  readonly since: { readonly step: number; readonly time: number };
  /** The checkpoints that are kept, oldest first. */
  readonly checkpoints: readonly CheckpointRecord[];
  /** True if {@link SavePolicy.requestFile} exists. */
  readonly isRequested: boolean;
}

/** A decision about one step. */
export interface SaveVerdict {
  readonly save: boolean;
  /** The reason, for a person to read, such as `100 steps since step 300`. */
  readonly reason: string;
}

/** Decides at which steps to save. A policy is pure: it does no I/O, reads no clock and remembers nothing. */
export interface SavePolicy {
  /** Decides about one step. */
  decide(situation: SaveSituation): SaveVerdict;
  /** Name of a file in the manager's folder that asks for a save. The manager removes it after the save. Default: none. */
  readonly requestFile?: string | undefined;
  /** True if the policy decides on metrics, so that they are measured at each step, even by a function. Default: false. */
  readonly readsMetrics?: boolean | undefined;
}
