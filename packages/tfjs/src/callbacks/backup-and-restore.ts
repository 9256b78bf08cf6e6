import { CheckpointManager } from "@tfsaver/checkpoint-manager";
import { FailedPreconditionError, type OptionNames, requireKnown } from "@tfsaver/core";
import { Checkpoint } from "@tfsaver/object-checkpoint";
import type { Storage } from "@tfsaver/storage";
import type { TfjsModel } from "../tensorflowjs.js";
import { trackable } from "../trackable.js";
import { FitCallback } from "./fit-callback.js";

/** Options of {@link BackupAndRestore}. */
export interface BackupAndRestoreOptions {
  /** Folder of the backup, for this training alone. It is created if it is missing. */
  readonly directory: string;
  /** Where the backup is. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Called with warnings. Default: `console.warn`. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

const OPTIONS: OptionNames<BackupAndRestoreOptions> = { directory: true, storage: true, onWarning: true };

/**
 * Saves a model with its optimizer after each epoch, so that an interrupted training goes on where it was
 * (`keras.callbacks.BackupAndRestore`). Call {@link BackupAndRestore.restore} before `model.fit`, which has no way to let a callback
 * choose the first epoch.
 *
 * @example
 * ```ts
 * import { BackupAndRestore, type TfjsModel } from "@tfsaver/tfjs";
 *
 * export async function train(model: TfjsModel & { fit(x: unknown, y: unknown, options: object): Promise<unknown> }, x: unknown, y: unknown) {
 *   const backup = new BackupAndRestore(model, { directory: "backup" });
 *   const initialEpoch = await backup.restore();
 *   await model.fit(x, y, { epochs: 100, initialEpoch, callbacks: [backup] });
 * }
 * ```
 */
export class BackupAndRestore extends FitCallback {
  readonly #manager: CheckpointManager;
  #next: number | undefined;

  /** @throws `TypeError` for an unknown option; as `trackable` for the model. */
  constructor(model: TfjsModel, options: BackupAndRestoreOptions) {
    super(model);
    requireKnown("BackupAndRestore", options, OPTIONS);
    const { directory, storage, onWarning } = options;
    const checkpoint = new Checkpoint({ model: trackable(model) }, { storage, onWarning });
    this.#manager = new CheckpointManager({
      ...{
        saver: checkpoint.managed({ maxToKeep: 1 }),
        session: null,
        directory,
        prefix: "backup",
        storage,
        onWarning,
      },
      every: { steps: 1 },
    });
  }

  /**
   * Restores the backup, if there is one.
   *
   * @returns the `initialEpoch` for `model.fit`: the number of epochs that were done, 0 without a backup
   * @throws as `CheckpointManager.restoreOrInitialize`.
   */
  async restore(): Promise<number> {
    const { step } = await this.#manager.restoreOrInitialize();
    this.#next = step;
    return step;
  }

  /** @throws `FailedPreconditionError` unless the training begins with the epoch that {@link BackupAndRestore.restore} has returned. */
  protected override async epochBegin(epoch: number): Promise<void> {
    if (epoch === this.#next) return;
    throw new FailedPreconditionError(
      this.#next === undefined
        ? "BackupAndRestore was not restored: call `const initialEpoch = await backup.restore()` before model.fit, and pass it on"
        : `initialEpoch is ${epoch}, but the backup goes on with epoch ${this.#next}: pass what \`backup.restore()\` returned as ` +
            "initialEpoch to model.fit",
    );
  }

  protected override async epochEnd(epoch: number): Promise<void> {
    await this.#manager.save(epoch + 1);
    this.#next = epoch + 1;
  }
}
