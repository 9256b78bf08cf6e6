/** Models of TensorFlow.js with the architectures of the goldens, and what tests measure of them. */
import * as tf from "@tensorflow/tfjs";
import { expect } from "vitest";
import { type LearningRateSchedule, setLearningRate } from "../src/index.js";

/** A tensor of a golden. */
export interface GoldenTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Inputs and targets of one training step. */
export interface TrainingData {
  readonly inputs: GoldenTensor;
  readonly targets: GoldenTensor;
}

export function tensorOf({ values, shape, dtype }: GoldenTensor): tf.Tensor {
  return tf.tensor([...values], [...shape], dtype as "float32");
}

/** Makes sure that numbers differ from the expected ones by a tolerance at most, relative to those above 1. */
export function closeTo(found: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expect(found.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    const difference = Math.abs((found[i] as number) - value) / Math.max(1, Math.abs(value));
    expect(difference, `${i}: ${found[i]} instead of ${value}`).toBeLessThanOrEqual(tolerance);
  }
}

/**
 * Trains with the whole batch, and returns the loss before each step.
 *
 * @param schedule - the learning rate of the step after a number of steps
 */
export async function lossesOfSteps(
  model: tf.LayersModel,
  data: TrainingData,
  steps: number,
  schedule?: LearningRateSchedule,
): Promise<number[]> {
  const [x, y] = [tensorOf(data.inputs), tensorOf(data.targets)];
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    if (schedule !== undefined) setLearningRate(model.optimizer, schedule(model.optimizer.iterations));
    losses.push((await model.trainOnBatch(x, y)) as number);
  }
  tf.dispose([x, y]);
  return losses;
}

/** The model of `keras-sequential-adam`. */
export function sequentialModel(): tf.Sequential {
  return tf.sequential({
    name: "net",
    layers: [
      tf.layers.dense({ units: 4, activation: "tanh", inputShape: [3] }),
      tf.layers.batchNormalization(),
      tf.layers.dense({ units: 1 }),
    ],
  });
}

/** A model without batch normalization, which makes gradients 0: the centered RMSProp of TensorFlow.js has no root of those. */
export function denseModel(): tf.Sequential {
  return tf.sequential({
    layers: [tf.layers.dense({ units: 4, activation: "tanh", inputShape: [3] }), tf.layers.dense({ units: 1 })],
  });
}

/** The model of `keras-functional-sgd`. */
export function functionalModel(): tf.LayersModel {
  const input = tf.input({ shape: [6, 6, 2] });
  const conv = tf.layers.conv2d({ filters: 3, kernelSize: 3, activation: "relu", name: "c" }).apply(input);
  const depthwise = tf.layers
    .depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, useBias: false, name: "dw" })
    .apply(conv);
  const flat = tf.layers.flatten().apply(depthwise);
  const output = tf.layers.dense({ units: 2, name: "out" }).apply(flat) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: output, name: "fn" });
}

/** The model of `keras-recurrent`, without the GRU that TensorFlow.js does not have, which would stand at `gru`. */
export function recurrentModel(): tf.Sequential {
  const recurrentActivation = "sigmoid";
  return tf.sequential({
    name: "seq",
    layers: [
      tf.layers.embedding({ inputDim: 6, outputDim: 3, inputLength: 5, name: "emb" }),
      tf.layers.lstm({ units: 2, returnSequences: true, recurrentActivation, name: "lstm" }),
      tf.layers.gru({ units: 2, returnSequences: true, recurrentActivation, name: "gru" }),
      tf.layers.gru({ units: 2, returnSequences: true, recurrentActivation, name: "gru_before" }),
      tf.layers.layerNormalization({ name: "ln" }),
      tf.layers.bidirectional({
        layer: tf.layers.simpleRNN({ units: 2, recurrentInitializer: "glorotNormal" }) as tf.RNN,
        mergeMode: "concat",
        name: "bi",
      }),
    ],
  });
}
