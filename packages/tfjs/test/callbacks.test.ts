import * as tf from "@tensorflow/tfjs";
import { MemoryStorage } from "@tfsaver/storage";
import { expect, it } from "vitest";
import { BackupAndRestore, loadWeights, ModelCheckpoint } from "../src/index.js";
import { closeTo } from "./models.js";

const X = tf.tensor2d([0, 1, 2, 3, 4, 5, 6, 7], [8, 1]);
const Y = tf.tensor2d([1, 3, 5, 7, 9, 11, 13, 15], [8, 1]);

/** A model whose training is the same each time. */
function line(): tf.Sequential {
  const model = tf.sequential({
    layers: [tf.layers.dense({ units: 1, inputShape: [1], kernelInitializer: "zeros" })],
  });
  model.compile({ optimizer: tf.train.adam(0.1), loss: "meanSquaredError" });
  return model;
}

function valuesOf(model: tf.LayersModel): number[] {
  return model.getWeights().flatMap((weight) => [...weight.dataSync()]);
}

const OPTIONS = { batchSize: 4, shuffle: false, verbose: 0 } as const;

it("ModelCheckpoint saves after each epoch, and keeps the newest", async () => {
  const storage = new MemoryStorage();
  const model = line();
  const callback = new ModelCheckpoint(model, { directory: "run", maxToKeep: 2, storage });
  await model.fit(X, Y, { ...OPTIONS, epochs: 4, callbacks: callback });
  expect(await callback.latest).toBe("run/ckpt-4");
  const names = (await storage.list("run")).map(({ name }) => name).filter((name) => name.endsWith(".index"));
  expect(names.sort()).toEqual(["ckpt-3.index", "ckpt-4.index"]);
  const other = line();
  await loadWeights(other, "run", { storage });
  expect(valuesOf(other)).toEqual(valuesOf(model));
});

it("ModelCheckpoint saves every few batches, without the optimizer, behind a callback of TensorFlow.js", async () => {
  const storage = new MemoryStorage();
  const model = line();
  const callback = new ModelCheckpoint(model, { directory: "run", saveFreq: 3, saveWeightsOnly: true, storage });
  const stop = tf.callbacks.earlyStopping({ monitor: "loss" });
  await model.fit(X, Y, { ...OPTIONS, epochs: 4, callbacks: [stop, callback as never] });
  expect(await callback.latest).toBe("run/ckpt-6");
  const { unused } = await loadWeights(line(), "run", { storage });
  expect(unused).toEqual(["save_counter/.ATTRIBUTES/VARIABLE_VALUE"]);
});

it("ModelCheckpoint saves only what is better by the value that it monitors", async () => {
  const storage = new MemoryStorage();
  const model = line();
  const callback = new ModelCheckpoint(model, { directory: "run", monitor: "val_acc", saveBestOnly: true, storage });
  for (const [epoch, accuracy] of [0.5, 0.4, 0.7, 0.6].entries())
    await callback.onEpochEnd(epoch, { val_acc: accuracy });
  expect(await callback.latest).toBe("run/ckpt-3");
  const lowest = new ModelCheckpoint(model, { directory: "low", saveBestOnly: true, storage });
  for (const [epoch, loss] of [3, 1, 2].entries()) await lowest.onEpochEnd(epoch, { val_loss: tf.scalar(loss) });
  expect(await lowest.latest).toBe("low/ckpt-2");
});

it("BackupAndRestore goes on after an interruption as if there had been none", async () => {
  const storage = new MemoryStorage();
  const whole = line();
  await whole.fit(X, Y, { ...OPTIONS, epochs: 6 });

  const first = line();
  const backup = new BackupAndRestore(first, { directory: "backup", storage });
  expect(await backup.restore()).toBe(0);
  const crash = {
    onEpochBegin: async (epoch: number) => {
      if (epoch === 4) throw new Error("the tab is closed");
    },
  };
  await expect(first.fit(X, Y, { ...OPTIONS, epochs: 6, callbacks: [backup, crash] })).rejects.toThrow("closed");

  const second = line();
  const again = new BackupAndRestore(second, { directory: "backup", storage });
  const initialEpoch = await again.restore();
  expect(initialEpoch).toBe(4);
  await second.fit(X, Y, { ...OPTIONS, epochs: 6, initialEpoch, callbacks: again });
  closeTo(valuesOf(second), valuesOf(whole), 1e-5);
});

it("BackupAndRestore refuses a training that does not begin where the backup goes on", async () => {
  const storage = new MemoryStorage();
  const model = line();
  const backup = new BackupAndRestore(model, { directory: "backup", storage });
  const fit = () => model.fit(X, Y, { ...OPTIONS, epochs: 2, callbacks: backup });
  await expect(fit()).rejects.toThrow("call `const initialEpoch = await backup.restore()` before model.fit");
  await backup.restore();
  await fit();
  await expect(fit()).rejects.toThrow("initialEpoch is 0, but the backup goes on with epoch 2");
});

it("wrong options are refused by name", () => {
  const model = line();
  expect(() => new ModelCheckpoint(model, { directory: "run", saveFreq: 0 })).toThrow("saveFreq must be");
  expect(() => new ModelCheckpoint(model, { directory: "run", mode: "best" as "min" })).toThrow("mode must be");
  expect(() => new ModelCheckpoint(model, { dir: "run" } as never)).toThrow("ModelCheckpoint has no option 'dir'");
});
