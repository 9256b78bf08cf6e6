import * as tf from "@tensorflow/tfjs";
import { loadVariable } from "@tfsaver/checkpoint-reader";
import { Checkpoint } from "@tfsaver/object-checkpoint";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { objectGolden, objectGoldenPath } from "../../../fixtures/object-goldens.js";
import { loadWeights, trackable } from "../src/index.js";
import {
  closeTo,
  denseModel,
  functionalModel,
  lossesOfSteps,
  recurrentModel,
  sequentialModel,
  tensorOf,
} from "./models.js";

function predict(model: tf.LayersModel, golden: { inputs: Parameters<typeof tensorOf>[0] }): Float32Array {
  return tf.tidy(() => (model.predict(tensorOf(golden.inputs)) as tf.Tensor).dataSync<"float32">());
}

it.each(["ckpt", "with-optimizer-kw"])(
  "goes on with the Adam of Keras from %s: predictions, then losses",
  async (prefix) => {
    const golden = objectGolden("keras-sequential-adam");
    const model = sequentialModel();
    model.compile({ optimizer: tf.train.adam(0.05), loss: "meanSquaredError" });
    const status = await new Checkpoint({ model: trackable(model) }).restore(objectGoldenPath(golden.case, prefix));
    status.expectPartial();
    closeTo(predict(model, golden), golden.predictions_after_restore.values, 1e-5);
    closeTo(await lossesOfSteps(model, golden, 3), golden.losses_after, 1e-4);
    expect(model.optimizer.iterations).toBe(6);
  },
);

it("goes on with the momentum of Keras, at the learning rate of the checkpoint", async () => {
  const golden = objectGolden("keras-functional-sgd");
  const model = functionalModel();
  model.compile({ optimizer: tf.train.momentum(0.5, 0.9), loss: "meanSquaredError" });
  const checkpoint = new Checkpoint({}, { root: trackable(model) });
  (await checkpoint.restore(objectGoldenPath(golden.case, "ckpt-1"))).assertConsumed();
  closeTo(predict(model, golden), golden.predictions_after_restore.values, 1e-5);
  closeTo(await lossesOfSteps(model, golden, 3), golden.losses_after, 1e-4);
  expect(model.optimizer.getConfig().learningRate).toBe(Math.fround(0.05));
});

describe("loadWeights", () => {
  it("loads the layers of a recurrent Keras model, and says which GRU TensorFlow.js does not have", async () => {
    const golden = objectGolden("keras-recurrent");
    const model = recurrentModel();
    const path = objectGoldenPath(golden.case, "ckpt");
    await expect(loadWeights(model, path)).rejects.toThrow(
      /gru\/bias from .*: the weight is float32 \[6\], the checkpoint has float32 \[2,6\]; the bias of a Keras GRU with reset_after=True/,
    );
    const report = await loadWeights(model, path, { strict: false });
    expect(report.loaded).toHaveLength(17);
    expect(report.missing).toEqual([]);
    expect(report.mismatched.map(({ name }) => name)).toEqual(["gru/bias"]);
    const outputs = golden.layer_outputs;
    const inputs: Record<string, string> = { lstm: "emb", gru_before: "gru", ln: "gru_before", bi: "ln" };
    for (const [name, from] of Object.entries(inputs)) {
      const output = model.getLayer(name).apply(tensorOf(outputs[from])) as tf.Tensor;
      closeTo(output.dataSync(), outputs[name].values, 1e-5);
    }
  });

  it("loads what a subclassed Keras model has saved, by a map", async () => {
    const golden = objectGolden("keras-subclassed");
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], name: "first" })] });
    const map = { "first/kernel": "model/first/_kernel", "first/bias": "model/first/bias" };
    const report = await loadWeights(model, objectGoldenPath(golden.case, "ckpt"), { map });
    expect(report.loaded).toEqual(["first/kernel", "first/bias"]);
    expect(report.unused).toContain("model/scale/.ATTRIBUTES/VARIABLE_VALUE");
    const key = "model/first/_kernel/.ATTRIBUTES/VARIABLE_VALUE";
    const [{ tensors }] = golden.checkpoints;
    closeTo(model.getWeights()[0]?.dataSync() as Float32Array, tensors[key].values, 0);
  });

  it("loads weights without the optimizer's state, and lists it as unused", async () => {
    const golden = objectGolden("keras-sequential-adam");
    const model = sequentialModel();
    const { loaded, missing, mismatched, unused } = await loadWeights(model, objectGoldenPath(golden.case, "ckpt"));
    expect([loaded.length, missing, mismatched]).toEqual([8, [], []]);
    expect(unused).toContain("model/optimizer/_iterations/.ATTRIBUTES/VARIABLE_VALUE");
    closeTo(predict(model, golden), golden.predictions_after_restore.values, 1e-5);
  });
});

/** Optimizers of the goldens of TensorFlow 1. Where epsilon differs between the two, TensorFlow 1's is given. */
const TF1 = [
  ["slots-adam", () => tf.train.adam(0.1, 0.9, 0.999, 1e-8), 1e-5],
  ["slots-momentum", () => tf.train.momentum(0.1, 0.9), 1e-5],
  ["slots-rmsprop-centered", () => tf.train.rmsprop(0.01, 0.9, 0.5, 1e-10, true), 1e-5],
] as const;

describe("optimizers of TensorFlow 1", () => {
  it.each(TF1)("goes on from %s, and writes the same values", async (name, makeOptimizer, tolerance) => {
    const golden = objectGolden(name);
    const [{ tensors }] = golden.checkpoints;
    const w = tf.variable(tf.tensor([0, 0]), true, `w-${name}`);
    const z = tf.variable(tf.zeros([2, 1]), true, `z-${name}`);
    const optimizer = makeOptimizer();
    const opt = trackable(optimizer, { variables: [w, z], layout: "tf1" });
    const objects = { opt, w: trackable(w), z: trackable(z) };
    (await new Checkpoint(objects).read(objectGoldenPath(name, "ckpt"))).assertConsumed();

    const storage = new MemoryStorage();
    await new Checkpoint(objects, { storage }).write("again");
    const again = new Checkpoint(objects, { storage });
    (await again.read("again")).assertConsumed();
    for (const [key, { values }] of Object.entries<{ values: number[] }>(tensors)) {
      if (key.startsWith("_CHECKPOINTABLE")) continue;
      closeTo((await loadVariable("again", key, { storage })).data as Float32Array, values, 1e-6);
    }

    const loss = () => w.square().sum().add(z.square().mul(z).sum()) as tf.Scalar;
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) {
      const value = optimizer.minimize(loss, true, [w, z]) as tf.Scalar;
      losses.push(value.dataSync()[0] as number);
      value.dispose();
    }
    closeTo(losses, golden.losses_after, tolerance);
    tf.dispose([w, z]);
    optimizer.dispose();
  });
});

it("restores the checkpoint that it saved of each optimizer, and takes the same steps", async () => {
  const golden = objectGolden("keras-sequential-adam");
  const optimizers = {
    sgd: () => tf.train.sgd(0.05),
    momentum: () => tf.train.momentum(0.05, 0.9),
    nesterov: () => tf.train.momentum(0.05, 0.9, true),
    adam: () => tf.train.adam(0.05),
    adamax: () => tf.train.adamax(0.05, 0.9, 0.999, 1e-7, 0.01),
    adagrad: () => tf.train.adagrad(0.05, 0.2),
    rmsprop: () => tf.train.rmsprop(0.01),
    centered: () => tf.train.rmsprop(0.01, 0.9, 0.5, 1e-10, true),
    adadelta: () => tf.train.adadelta(0.5),
  };
  for (const [name, make] of Object.entries(optimizers)) {
    const storage = new MemoryStorage();
    const models = [denseModel(), denseModel()] as const;
    for (const model of models) model.compile({ optimizer: make(), loss: "meanSquaredError" });
    const [from, to] = models;
    await lossesOfSteps(from, golden, 3);
    await new Checkpoint({ model: trackable(from) }, { storage }).write("ckpt");
    (await new Checkpoint({ model: trackable(to) }, { storage }).read("ckpt")).assertConsumed();
    closeTo(await lossesOfSteps(to, golden, 3), await lossesOfSteps(from, golden, 3), 1e-4);
    expect(to.optimizer.iterations, name).toBe(6);
  }
});
