import type { RetentionDecision, RetentionPolicy } from "./policy.js";
import type { CheckpointRecord } from "./record.js";
import { formatTime, requireTime } from "./times.js";

/**
 * Options of {@link tensorflowDefault}. The policy reads them at every save, so a change counts from the next one, as a change
 * of the live `SaverDef` does in TensorFlow.
 */
export interface TensorflowDefaultOptions {
  /**
   * Number of checkpoints to hold. `null` and 0: the policy records nothing, and so lets go of nothing. Negative: every
   * checkpoint is let go of by its own save. Default: 5.
   */
  readonly maxToKeep?: number | null | undefined;
  /**
   * Interval in hours: of the checkpoints let go of, one per interval is kept. `null`, 0 and negative: all saved after
   * `startTime` are kept. TensorFlow rounds this number to `float32` in its `SaverDef`; pass the rounded number to get
   * exactly the same deadlines. Default: 10000.
   */
  readonly keepCheckpointEveryNHours?: number | null | undefined;
  /** Time at which the saver was built, in seconds since 1970. The first deadline is one interval later. */
  readonly startTime: number;
}

/** TensorFlow's policy, with its current deadline. */
export interface TensorflowRetention extends RetentionPolicy {
  /** The deadline, in seconds since 1970: a checkpoint let go of is kept if it was saved after it. */
  readonly nextKeepTime: number;
}

/**
 * Makes the policy of `tf.compat.v1.train.Saver` with `max_to_keep` and `keep_checkpoint_every_n_hours`, exactly:
 *
 * - At most one checkpoint is let go of per save, the first of the list. So a list that was set longer than `maxToKeep`
 *   never gets shorter.
 * - The checkpoint is kept if its own save was after the deadline. The deadline then moves by one interval from where
 *   it was, so it may lag behind the clock, and several checkpoints in a row are kept.
 * - Saving again under the path of a listed checkpoint moves it to the end of the list.
 *
 * The policy is not made of a rule, so it cannot be a part of `anyOf`.
 *
 * One difference from TensorFlow: a checkpoint that is saved again while its deletion is pending (writing the state
 * file had failed) is not deleted.
 *
 * @throws `TypeError` if `maxToKeep` is not an integer; `ValueError` if `startTime`, or later the time of a checkpoint,
 * is not a number.
 *
 * @example
 * ```ts
 * import { tensorflowDefault } from "@tfsaver/retention";
 *
 * const policy = tensorflowDefault({ maxToKeep: 5, startTime: Date.now() / 1000 });
 * ```
 */
export function tensorflowDefault(options: TensorflowDefaultOptions): TensorflowRetention {
  return new TensorflowDefault(options);
}

class TensorflowDefault implements TensorflowRetention {
  readonly #options: TensorflowDefaultOptions;
  #nextKeepTime: number;
  #last: readonly CheckpointRecord[] = [];
  #letGo: readonly CheckpointRecord[] = [];

  constructor(options: TensorflowDefaultOptions) {
    this.#options = options;
    requireTime(options.startTime, "startTime");
    this.#requireMaxToKeep();
    this.#nextKeepTime = options.startTime + this.#hours * 3600;
  }

  get #hours(): number {
    const { keepCheckpointEveryNHours = 10000 } = this.#options;
    return keepCheckpointEveryNHours ?? 0;
  }

  #requireMaxToKeep(): number {
    const { maxToKeep = 5 } = this.#options;
    if (!Number.isInteger(maxToKeep ?? 0)) throw new TypeError(`maxToKeep must be an integer, not ${maxToKeep}`);
    return maxToKeep ?? 0;
  }

  get lastCheckpoints(): readonly CheckpointRecord[] {
    return this.#last;
  }

  get whyListed(): string {
    return `maxToKeep is ${this.#requireMaxToKeep()}`;
  }

  get nextKeepTime(): number {
    return this.#nextKeepTime;
  }

  setLastCheckpoints(checkpoints: readonly CheckpointRecord[]): void {
    for (const { path, time } of checkpoints) requireTime(time, `the time of ${path}`);
    this.#last = Object.freeze([...checkpoints]);
  }

  record(checkpoint: CheckpointRecord): readonly CheckpointRecord[] {
    requireTime(checkpoint.time, `the time of ${checkpoint.path}`);
    const maxToKeep = this.#requireMaxToKeep();
    if (maxToKeep === 0) return this.#last;
    const isOther = (known: CheckpointRecord) => known.path !== checkpoint.path;
    const list = [...this.#last.filter(isOther), checkpoint];
    this.#letGo = this.#letGo.filter(isOther);
    if (list.length > maxToKeep) this.#letGo = [...this.#letGo, list.shift() as CheckpointRecord];
    this.setLastCheckpoints(list);
    return this.#last;
  }

  decide(): readonly RetentionDecision[] {
    const [checkpoint, ...others] = this.#letGo;
    if (checkpoint === undefined) return [];
    this.#letGo = others;
    const deadline = this.#nextKeepTime;
    if (checkpoint.time > deadline) {
      this.#nextKeepTime += this.#hours * 3600;
      return [{ checkpoint, action: "keep", reason: this.#whyKept(checkpoint, deadline) }];
    }
    const newer = this.#last.length === 1 ? "1 newer one is" : `${this.#last.length} newer ones are`;
    return [{ checkpoint, action: "delete", reason: `maxToKeep is ${this.#requireMaxToKeep()} and ${newer} kept` }];
  }

  #whyKept({ time }: CheckpointRecord, deadline: number): string {
    if (time === Number.POSITIVE_INFINITY) return "its time is not known";
    if (this.#hours <= 0) return `keepCheckpointEveryNHours is ${this.#hours}: nothing is ever deleted`;
    const every = this.#hours === 1 ? "one an hour is kept" : `one every ${this.#hours} hours is kept`;
    return `${every}, and it was saved at ${formatTime(time)}, after ${formatTime(deadline)}`;
  }
}
