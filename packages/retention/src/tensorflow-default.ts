import type { CheckpointRecord, RetentionDecision, RetentionPolicy } from "./policy.js";
import { formatTime, requireTime } from "./times.js";

/** Options of {@link tensorflowDefault}. */
export interface TensorflowDefaultOptions {
  /**
   * How many checkpoints to hold on to. `null` and 0: the policy takes note of nothing and so lets go of nothing. A
   * negative number: every checkpoint is let go of by its own save. Default: 5.
   */
  readonly maxToKeep?: number | null | undefined;
  /**
   * Of the checkpoints let go of, keep one for every so many hours. `null`, 0 and negative: keep all that were saved
   * after `startTime`. TensorFlow rounds this number to `float32` in its `SaverDef`: hand over the rounded one for
   * the same deadlines. Default: 10000.
   */
  readonly keepCheckpointEveryNHours?: number | null | undefined;
  /** When the saver was built, in seconds since 1970: the first deadline lies one interval later. */
  readonly startTime: number;
}

/** TensorFlow's policy, with the deadline it stands at. */
export interface TensorflowRetention extends RetentionPolicy {
  /** A checkpoint let go of is kept if it was saved after this moment, in seconds since 1970. */
  readonly nextKeepTime: number;
}

/**
 * What `tf.compat.v1.train.Saver` does with `max_to_keep` and `keep_checkpoint_every_n_hours`, exactly:
 *
 * - At most one checkpoint is let go of per save, the first of the list, so a list that was set longer than
 *   `maxToKeep` never gets shorter.
 * - What counts is when that checkpoint itself was saved: strictly after the deadline, and it is kept and the deadline
 *   moves on by one interval from where it stood. It may lag behind the clock, and then several in a row are kept.
 * - Saving again under the path of a listed checkpoint moves it to the end of the list.
 *
 * It is made of these steps and of no rule, so it can't be a part of `anyOf`.
 *
 * One difference: a checkpoint that was let go of, is still there (because writing the state file failed), and is saved
 * again, is not deleted for its first life.
 *
 * @throws `TypeError` if `maxToKeep` is not an integer; `ValueError` if `startTime`, or later a checkpoint's time, is no
 * number, because such a checkpoint would always count as old.
 */
export function tensorflowDefault(options: TensorflowDefaultOptions): TensorflowRetention {
  return new TensorflowDefault(options);
}

class TensorflowDefault implements TensorflowRetention {
  readonly #maxToKeep: number;
  readonly #hours: number;
  #nextKeepTime: number;
  #last: readonly CheckpointRecord[] = [];
  #letGo: readonly CheckpointRecord[] = [];

  constructor(options: TensorflowDefaultOptions) {
    const { maxToKeep = 5, keepCheckpointEveryNHours = 10000, startTime } = options;
    this.#maxToKeep = maxToKeep ?? 0;
    if (!Number.isInteger(this.#maxToKeep)) throw new TypeError(`maxToKeep must be an integer, not ${maxToKeep}`);
    requireTime(startTime, "startTime");
    this.#hours = keepCheckpointEveryNHours ?? 0;
    this.#nextKeepTime = startTime + this.#hours * 3600;
  }

  get lastCheckpoints(): readonly CheckpointRecord[] {
    return this.#last;
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
    if (this.#maxToKeep === 0) return this.#last;
    const isOther = (known: CheckpointRecord) => known.path !== checkpoint.path;
    const list = [...this.#last.filter(isOther), checkpoint];
    this.#letGo = this.#letGo.filter(isOther);
    if (list.length > this.#maxToKeep) this.#letGo = [...this.#letGo, list.shift() as CheckpointRecord];
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
    return [{ checkpoint, action: "delete", reason: `maxToKeep is ${this.#maxToKeep} and ${newer} kept` }];
  }

  #whyKept({ time }: CheckpointRecord, deadline: number): string {
    if (time === Number.POSITIVE_INFINITY) return "when it was saved is not known";
    if (this.#hours <= 0) return `keepCheckpointEveryNHours is ${this.#hours}: nothing is ever deleted`;
    const every = this.#hours === 1 ? "one an hour is kept" : `one every ${this.#hours} hours is kept`;
    return `${every}, and it was saved at ${formatTime(time)}, after ${formatTime(deadline)}`;
  }
}
