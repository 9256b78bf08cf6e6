import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { Checkpoint } from "@tfsaver/object-checkpoint";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { loadWeights, saveablesOf, trackable } from "@tfsaver/tfjs";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  closeTo,
  type GoldenTensor,
  lossesOfSteps,
  type TrainingData,
  tensorOf,
} from "../../packages/tfjs/test/models.js";
import { Oracle } from "./oracle.js";

/** What Python has done with a model: predicted, then taken steps. */
interface Trained extends TrainingData {
  readonly predictions: GoldenTensor;
  /** The loss before each of ten steps. */
  readonly losses: readonly number[];
}

/** What Python does with the model that was restored from a checkpoint of TensorFlow.js. */
interface Restored {
  readonly predictions: GoldenTensor;
  readonly losses: readonly number[];
  /** Predictions of Keras 2 with the weights alone. */
  readonly keras2?: GoldenTensor;
}

/** Learning rates, and optimizers of any learning rate. */
const OPTIMIZERS = {
  sgd: [0.05, (rate: number) => tf.train.sgd(rate)],
  momentum: [0.05, (rate: number) => tf.train.momentum(rate, 0.9)],
  nesterov: [0.05, (rate: number) => tf.train.momentum(rate, 0.9, true)],
  adam: [0.02, (rate: number) => tf.train.adam(rate)],
  adamax: [0.02, (rate: number) => tf.train.adamax(rate)],
  adagrad: [0.05, (rate: number) => tf.train.adagrad(rate)],
  rmsprop: [0.01, (rate: number) => tf.train.rmsprop(rate)],
  rmsprop_momentum: [0.01, (rate: number) => tf.train.rmsprop(rate, 0.9, 0.5)],
  adadelta: [0.5, (rate: number) => tf.train.adadelta(rate)],
} as const;

const MODELS = {
  sequential: () =>
    tf.sequential({
      layers: [
        tf.layers.embedding({ inputDim: 40, outputDim: 3, inputLength: 5, name: "words" }),
        tf.layers.lstm({ units: 4, recurrentActivation: "sigmoid", name: "memory" }),
        tf.layers.dense({ units: 3, activation: "relu", name: "hidden" }),
        tf.layers.batchNormalization({ name: "norm" }),
        tf.layers.dense({ units: 2, name: "out" }),
      ],
    }),
  functional: () => {
    const image = tf.input({ shape: [6, 6, 2] });
    let x = tf.layers.conv2d({ filters: 3, kernelSize: 3, activation: "relu" }).apply(image);
    x = tf.layers.batchNormalization().apply(x);
    x = tf.layers.flatten().apply(x);
    const y = tf.layers.dense({ units: 2, useBias: false }).apply(x) as tf.SymbolicTensor;
    const z = tf.layers.dense({ units: 2, activation: "tanh" }).apply(x) as tf.SymbolicTensor;
    return tf.model({ inputs: image, outputs: tf.layers.add().apply([y, z]) as tf.SymbolicTensor });
  },
};

/** `ExponentialDecay(rate, 3, 0.7)` of Keras. */
const decay = (rate: number) => (steps: number) => rate * 0.7 ** (steps / 3);

const CASES = Object.keys(OPTIMIZERS).flatMap((optimizer) => [
  ...Object.keys(MODELS).map((model) => [model, optimizer, ""]),
  ["functional", optimizer, "_schedule"],
]) as [keyof typeof MODELS, keyof typeof OPTIMIZERS, "" | "_schedule"][];

let oracle: Oracle;
let folder: string;
let written: Record<string, Trained>;
const ours: Record<string, Trained> = {};
beforeAll(async () => {
  oracle = new Oracle();
  folder = mkdtempSync(join(tmpdir(), "tfsaver-tfjs-"));
  written = await oracle.ask("tfjs", { step: "write", folder });
  mkdirSync(join(folder, "ours"));
});
afterAll(() => {
  oracle.close();
  rmSync(folder, { recursive: true });
});

function predict(model: tf.LayersModel, inputs: GoldenTensor): GoldenTensor {
  return tf.tidy(() => {
    const output = model.predict(tensorOf(inputs)) as tf.Tensor;
    return { shape: output.shape, dtype: output.dtype, values: [...output.dataSync()] };
  });
}

it.each(CASES)(
  "a %s model of Keras 3 goes on with %s%s: predictions to 1e-5, ten losses to 1e-4",
  async (name, optimizer, kind) => {
    const id = `${name}-${optimizer}${kind}`;
    const theirs = written[id] as Trained;
    const model = MODELS[name]();
    const [rate, makeOptimizer] = OPTIMIZERS[optimizer];
    const schedule = kind === "" ? undefined : decay(rate);
    model.compile({ optimizer: makeOptimizer(rate), loss: "meanSquaredError" });
    const checkpoint = new Checkpoint({ model: trackable(model, { schedule }) });
    const status = await checkpoint.read(join(folder, id));
    status.assertConsumed();
    status.assertExistingObjectsMatched();
    closeTo(predict(model, theirs.inputs).values, theirs.predictions.values, 1e-5);
    const losses = await lossesOfSteps(model, theirs, 10, schedule);
    // The update of Adadelta uses another state here: see the README.
    closeTo(losses, theirs.losses, optimizer === "adadelta" ? 0.3 : 1e-4);
    await checkpoint.write(join(folder, "ours", id));
    const weights = trackable(model, { optimizer: false });
    await new Checkpoint({}, { root: weights }).write(join(folder, "ours", `${id}-weights`));
    const predictions = predict(model, theirs.inputs);
    ours[id] = { ...theirs, predictions, losses: await lossesOfSteps(model, theirs, 3, schedule) };
  },
);

it("loads the weights of a SavedModel that Keras 3 exported, in which each value is stored twice", async () => {
  const { inputs, predictions } = written.exported as Trained;
  const model = MODELS.sequential();
  await loadWeights(model, join(folder, "exported"));
  closeTo(predict(model, inputs).values, predictions.values, 1e-5);
});

it("loads what save_weights of Keras 2 wrote", async () => {
  const { inputs, predictions } = written.keras2 as Trained;
  const model = MODELS.functional();
  const { missing, mismatched } = await loadWeights(model, join(folder, "keras2"));
  expect([missing, mismatched]).toEqual([[], []]);
  closeTo(predict(model, inputs).values, predictions.values, 1e-5);
});

it("goes on from a checkpoint of TensorFlow 1 by a map of names, with the state of Adam", async () => {
  const theirs = written.tf1 as Trained;
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 4, activation: "tanh", inputShape: [3], name: "hidden" }),
      tf.layers.dense({ units: 1, name: "out" }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.02), loss: "meanSquaredError" });
  const names = (name: string) => name.replace("kernel", "weights").replace("bias", "biases");
  const varList = {
    ...saveablesOf(model, { names }),
    ...saveablesOf(model.optimizer, { variables: model.trainableWeights as never, names }),
  };
  const saver = new Saver({ varList, eager: (graph) => new LocalSession(graph) });
  await saver.restore(null, join(folder, "tf1"));
  closeTo(predict(model, theirs.inputs).values, theirs.predictions.values, 1e-5);
  closeTo(await lossesOfSteps(model, theirs, 10), theirs.losses, 1e-4);
  await saver.save(null, join(folder, "ours", "tf1"));
  const predictions = predict(model, theirs.inputs);
  ours.tf1 = { ...theirs, predictions, losses: await lossesOfSteps(model, theirs, 3) };

  const other = tf.sequential({
    layers: [
      tf.layers.dense({ units: 4, activation: "tanh", inputShape: [3], name: "a" }),
      tf.layers.dense({ units: 1, name: "b" }),
    ],
  });
  const map = (name: string) => names(name).replace("a/", "hidden/").replace("b/", "out/");
  await loadWeights(other, join(folder, "tf1"), { map });
  closeTo(predict(other, theirs.inputs).values, theirs.predictions.values, 1e-5);
});

it("Keras 3, Keras 2 and TensorFlow 1 restore what was saved here: same predictions, same next losses", async () => {
  writeFileSync(join(folder, "ours.json"), JSON.stringify(ours));
  const restored = await oracle.ask<Record<string, Restored>>("tfjs", { step: "restore", folder });
  expect(Object.keys(restored).sort()).toEqual(
    [...CASES.map(([model, optimizer, kind]) => `${model}-${optimizer}${kind}`), "tf1"].sort(),
  );
  for (const [name, { predictions, losses, keras2 }] of Object.entries(restored)) {
    const expected = ours[name] as Trained;
    closeTo(predictions.values, expected.predictions.values, 1e-5);
    if (keras2 !== undefined) closeTo(keras2.values, expected.predictions.values, 1e-5);
    closeTo(losses, expected.losses, name.includes("adadelta") ? 0.3 : 1e-4);
  }
});
