import * as tf from "@tensorflow/tfjs";
import { CheckpointManager } from "@tfsaver/checkpoint-manager";
import { Checkpoint } from "@tfsaver/object-checkpoint";
import { HttpStorage } from "@tfsaver/storage/http";
import { OpfsStorage } from "@tfsaver/storage-opfs";
import { trackable } from "@tfsaver/tfjs";

const FOLDER = "run";
const STEPS = 10;

const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 4, activation: "tanh", inputShape: [3] }),
    tf.layers.batchNormalization(),
    tf.layers.dense({ units: 1 }),
  ],
});
model.compile({ optimizer: tf.train.adam(0.05), loss: "meanSquaredError" });

const element = (id: string) => document.getElementById(id) as HTMLElement;
const losses: number[] = [];

function show(id: string, text: string): void {
  element(id).textContent = text;
}

function draw(): void {
  const top = Math.max(...losses);
  const points = losses.map((loss, i) => `${(i / Math.max(1, losses.length - 1)) * 100},${95 - (loss / top) * 85}`);
  element("curve").setAttribute("points", points.join(" "));
}

const storage = new OpfsStorage();
const checkpoint = new Checkpoint({ model: trackable(model) }, { storage });
const manager = new CheckpointManager({
  ...{ saver: checkpoint, session: null, directory: FOLDER, storage },
  every: { steps: STEPS },
});
const { path } = await manager.restoreOrInitialize({
  init: async () => {
    const served = new Checkpoint(
      { model: trackable(model) },
      { storage: new HttpStorage(new URL(".", location.href).href) },
    );
    (await served.read("ckpt")).expectPartial();
  },
});
show("source", path ?? "ckpt, which Keras wrote, over HTTP");
show("steps", String(model.optimizer.iterations));

const { inputs, targets } = await (await fetch("expected.json")).json();
const x = tf.tensor(inputs.values, inputs.shape);
const y = tf.tensor(targets.values, targets.shape);

async function train(): Promise<void> {
  for (let step = 0; step < STEPS; step++) losses.push((await model.trainOnBatch(x, y)) as number);
  show("steps", String(model.optimizer.iterations));
  show("loss", losses.at(-1)?.toFixed(6) ?? "");
  draw();
  show("saved", (await manager.save(model.optimizer.iterations)) ?? "");
}

async function forget(): Promise<void> {
  const files = await navigator.storage.getDirectory();
  await files.removeEntry(FOLDER, { recursive: true }).catch(() => undefined); // nothing was saved yet
}

const buttons = ["train", "forget"].map((id) => element(id) as HTMLButtonElement);
const whileDisabled = async (work: () => Promise<void>) => {
  for (const button of buttons) button.disabled = true;
  await work();
  for (const button of buttons) button.disabled = false;
};
buttons[0]?.addEventListener("click", () => whileDisabled(train));
buttons[1]?.addEventListener("click", () => whileDisabled(forget).then(() => location.reload()));
await whileDisabled(async () => undefined);
