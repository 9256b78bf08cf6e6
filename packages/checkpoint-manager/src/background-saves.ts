import { isCheckpointError, ObservedPromise } from "@tfsaver/core";
import type { CheckpointRecord } from "@tfsaver/retention";

/** A save whose values are taken, and whose checkpoint is being written. */
export interface BackgroundSave {
  /** Resolves to the checkpoint's prefix when it is durable. */
  readonly committed: Promise<string | undefined>;
  /** What will be known of the checkpoint. */
  readonly record: CheckpointRecord;
  /** Cancels this save. */
  readonly signal: AbortSignal | undefined;
  /** Called if the save fails or is cancelled. */
  readonly onFailure: () => void;
}

interface Failure {
  readonly error: unknown;
  readonly committed: ObservedPromise<string | undefined>;
}

/** The saves that are under way while the loop goes on, and the errors that nobody has seen yet. */
export class BackgroundSaves {
  readonly #underWay = new Map<Promise<void>, CheckpointRecord>();
  #failures: Failure[] = [];

  /** Records of the checkpoints that are being written. */
  get records(): readonly CheckpointRecord[] {
    return [...this.#underWay.values()];
  }

  /** Adds a save. Returns a promise of its outcome; an error that nobody sees there is thrown by {@link throwFailures}. */
  add({ committed, record, signal, onFailure }: BackgroundSave): Promise<string | undefined> {
    const observed = ObservedPromise.of(committed);
    const ended = committed.then(
      () => undefined,
      (error: unknown) => {
        onFailure();
        const isCancelled = signal?.aborted && isCheckpointError(error, "CancelledError");
        if (!isCancelled) this.#failures.push({ error, committed: observed });
      },
    );
    this.#underWay.set(ended, record);
    ended.then(() => this.#underWay.delete(ended));
    return observed;
  }

  /** Waits until no save is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay.keys());
  }

  /** @throws the error of a save that nobody has looked at; an `AggregateError` if there are several. */
  throwFailures(): void {
    const errors = this.#failures.filter(({ committed }) => !committed.isObserved).map(({ error }) => error);
    this.#failures = [];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} saves failed: ${errors.join("; ")}`);
    if (errors.length === 1) throw errors[0];
  }
}
