import { BackgroundErrors, ObservedPromise } from "@tfsaver/core";
import type { CheckpointRecord } from "@tfsaver/retention";

/** A save whose values are taken, and whose checkpoint is being written. */
export interface BackgroundSave {
  /** Resolves to the checkpoint's prefix when it is durable. */
  readonly committed: Promise<string | undefined>;
  /** The step, the time and the metrics of the checkpoint, as the saver will list them. */
  readonly record: CheckpointRecord;
  /** Cancels this save. */
  readonly signal: AbortSignal | undefined;
  /** Called if the save fails or is cancelled. */
  readonly onFailure: () => void;
}

/** The saves that are under way while the loop goes on, and their errors until someone sees them. */
export class BackgroundSaves {
  readonly #underWay = new Map<Promise<void>, CheckpointRecord>();
  readonly #errors = new BackgroundErrors("saves");

  /** Records of the checkpoints that are being written. */
  get records(): readonly CheckpointRecord[] {
    return [...this.#underWay.values()];
  }

  /** Adds a save, and returns a promise of its outcome. If nobody looks at it, {@link throwUnseen} throws the error. */
  add({ committed, record, signal, onFailure }: BackgroundSave): Promise<string | undefined> {
    const observed = ObservedPromise.of(committed);
    const ended = committed.then(
      () => undefined,
      (error: unknown) => {
        onFailure();
        this.#errors.add(error, () => observed.isObserved, signal);
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

  /** @throws the error of a save, if nobody has seen it; an `AggregateError` if there are several. */
  throwUnseen(): void {
    this.#errors.throwUnseen();
  }
}
