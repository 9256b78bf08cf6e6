import type { TfjsModel } from "../tensorflowjs.js";

/** Values that `model.fit` reports: numbers, or tensors if the callback stands after one of TensorFlow.js' own. */
export type FitLogs = Readonly<Record<string, number | { data(): Promise<ArrayLike<number>> }>>;

/**
 * A callback for `model.fit`. It may stand alone, in an array of callbacks of this kind, or behind callbacks of TensorFlow.js,
 * such as `[tf.callbacks.earlyStopping(), callback]`.
 */
export abstract class FitCallback {
  /** TensorFlow.js passes on the methods without the object, so each is bound. */
  readonly onTrainBegin = (): Promise<void> => this.trainBegin();
  readonly onTrainEnd = (): Promise<void> => this.trainEnd();
  readonly onEpochBegin = (epoch: number): Promise<void> => this.epochBegin(epoch);
  readonly onEpochEnd = async (epoch: number, logs: FitLogs = {}): Promise<void> =>
    this.epochEnd(epoch, await numbersOf(logs));
  readonly onBatchBegin = async (): Promise<void> => undefined;
  readonly onBatchEnd = async (_batch: number, logs: FitLogs = {}): Promise<void> =>
    this.batchEnd(() => numbersOf(logs));

  /** @param model - the model that is trained */
  constructor(protected readonly model: TfjsModel) {}

  /** Called by TensorFlow.js. */
  setParams(_params: unknown): void {}

  /** Called by TensorFlow.js. The model of the constructor is used. */
  setModel(_model: unknown): void {}

  protected async trainBegin(): Promise<void> {}
  protected async trainEnd(): Promise<void> {}
  protected async epochBegin(_epoch: number): Promise<void> {}
  protected async epochEnd(_epoch: number, _logs: Readonly<Record<string, number>>): Promise<void> {}
  protected async batchEnd(_logs: () => Promise<Readonly<Record<string, number>>>): Promise<void> {}
}

async function numbersOf(logs: FitLogs): Promise<Readonly<Record<string, number>>> {
  const numbers: Record<string, number> = {};
  for (const [name, value] of Object.entries(logs)) {
    const number = typeof value === "number" ? value : (await value.data())[0];
    if (number !== undefined && name !== "batch" && name !== "size") numbers[name] = number;
  }
  return numbers;
}
