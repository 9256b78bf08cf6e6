import { CheckpointManager, onImprovement } from "@tfsaver/checkpoint-manager";
import { type OptionNames, requireKnown, ValueError } from "@tfsaver/core";
import { Checkpoint } from "@tfsaver/object-checkpoint";
import type { Storage } from "@tfsaver/storage";
import type { LearningRateSchedule } from "../optimizers/schedule.js";
import type { TfjsModel } from "../tensorflowjs.js";
import { trackable } from "../trackable.js";
import { FitCallback } from "./fit-callback.js";

/** Options of {@link ModelCheckpoint}. */
export interface ModelCheckpointOptions {
  /** Folder of the checkpoints. It is created if it is missing. */
  readonly directory: string;
  /** First part of the names of checkpoints, before `-` and the number of the epoch or batch. Default: `ckpt`. */
  readonly prefix?: string | undefined;
  /** Name of the value that tells which checkpoint is best. Default: `val_loss`. */
  readonly monitor?: string | undefined;
  /** Which values are better: the lowest (`min`) or the highest (`max`). Default: `auto`, `max` for names with `acc` in them. */
  readonly mode?: "auto" | "min" | "max" | undefined;
  /** True to save only when the value is better than in all checkpoints that are kept. Default: false. */
  readonly saveBestOnly?: boolean | undefined;
  /** When to save: after each epoch, or after a number of batches, 1 or more. Default: `epoch`. */
  readonly saveFreq?: "epoch" | number | undefined;
  /** Number of checkpoints to keep, the newest; 0 keeps all. Default: 5. */
  readonly maxToKeep?: number | undefined;
  /** True to leave out the optimizer. Default: false. */
  readonly saveWeightsOnly?: boolean | undefined;
  /** The learning-rate schedule of the optimizer in Keras, as for `trackable`. Default: none. */
  readonly schedule?: LearningRateSchedule | undefined;
  /** Where the checkpoints are. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Called with warnings. Default: `console.warn`. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

const OPTIONS: OptionNames<ModelCheckpointOptions> = {
  directory: true,
  prefix: true,
  monitor: true,
  mode: true,
  saveBestOnly: true,
  saveFreq: true,
  maxToKeep: true,
  saveWeightsOnly: true,
  schedule: true,
  storage: true,
  onWarning: true,
};

/**
 * Saves a model during `model.fit` (`keras.callbacks.ModelCheckpoint`). Checkpoints are `prefix-1` after the first epoch or batch,
 * and so on. Keras restores them with `tf.train.Checkpoint(model=model)`.
 *
 * @example
 * ```ts
 * import { ModelCheckpoint, type TfjsModel } from "@tfsaver/tfjs";
 *
 * export function best(model: TfjsModel) {
 *   return new ModelCheckpoint(model, { directory: "run", monitor: "val_loss", saveBestOnly: true });
 * }
 * ```
 */
export class ModelCheckpoint extends FitCallback {
  readonly #manager: CheckpointManager;
  readonly #saveFreq: "epoch" | number;
  #batches = 0;

  /** @throws `TypeError` for an unknown option; `ValueError` for a value out of range; as `trackable` for the model. */
  constructor(model: TfjsModel, options: ModelCheckpointOptions) {
    super(model);
    requireKnown("ModelCheckpoint", options, OPTIONS);
    const { directory, prefix = "ckpt", monitor = "val_loss", mode = "auto", saveBestOnly = false } = options;
    const { saveFreq = "epoch", maxToKeep = 5, saveWeightsOnly = false, schedule, storage, onWarning } = options;
    if (saveFreq !== "epoch" && !(Number.isSafeInteger(saveFreq) && saveFreq > 0))
      throw new ValueError(`saveFreq must be "epoch" or a number of batches from 1, not ${String(saveFreq)}`);
    if (mode !== "auto" && mode !== "min" && mode !== "max")
      throw new ValueError(`mode must be "auto", "min" or "max", not ${String(mode)}`);
    this.#saveFreq = saveFreq;
    const better = mode === "auto" ? (monitor.includes("acc") ? "max" : "min") : mode;
    const checkpoint = new Checkpoint(
      { model: trackable(model, { optimizer: !saveWeightsOnly, schedule }) },
      { storage, onWarning },
    );
    this.#manager = new CheckpointManager({
      ...{ saver: checkpoint.managed({ maxToKeep }), session: null, directory, prefix, storage, onWarning },
      every: saveBestOnly ? onImprovement(monitor, better) : { steps: 1 },
    });
  }

  /** The newest checkpoint. Undefined if there is none. */
  get latest(): Promise<string | undefined> {
    return this.#manager.latest;
  }

  protected override async epochEnd(epoch: number, metrics: Readonly<Record<string, number>>): Promise<void> {
    if (this.#saveFreq === "epoch") await this.#manager.maybeSave(epoch + 1, { metrics });
  }

  protected override async batchEnd(metrics: () => Promise<Readonly<Record<string, number>>>): Promise<void> {
    this.#batches++;
    if (this.#saveFreq === "epoch" || this.#batches % this.#saveFreq !== 0) return;
    await this.#manager.maybeSave(this.#batches, { metrics: await metrics() });
  }
}
