import * as tf from "@tensorflow/tfjs";
import { toTensor } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { Checkpoint } from "@tfsaver/object-checkpoint";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { loadWeights, trackable } from "../src/index.js";
import { sequentialModel } from "./models.js";

/** Everything that a restore could leave behind, but memory. */
export interface Counts {
  readonly tensors: number;
  readonly buffers: number;
  readonly bytes: number;
  readonly operations: number;
}

/** A model with its optimizer, and a variable of a graph, that are restored again and again. */
export interface RepeatedRestores {
  /** Restores with one `Checkpoint`; every fifth time also with a new one, and with `loadWeights`. */
  restore(times: number): Promise<void>;
  /** Predicts with a model, and with another one of the same values: how far they are apart. */
  difference(): number;
  counts(): Counts;
}

export async function repeatedRestores(): Promise<RepeatedRestores> {
  const compiled = () => {
    const model = sequentialModel();
    model.compile({ optimizer: tf.train.adam(0.05), loss: "meanSquaredError" });
    return model;
  };
  const [from, to] = [compiled(), compiled()];
  await from.trainOnBatch(tf.ones([4, 3]), tf.ones([4, 1]));
  const graph = new Graph();
  const step = Variable.create(toTensor(0, "int64"), { graph, name: "step" });
  const storage = new MemoryStorage();
  const session = new LocalSession(graph, { storage });
  await step.load(toTensor(1, "int64"), session);
  await new Checkpoint({ model: trackable(from), step }, { storage, session }).write("ckpt");
  const checkpoint = new Checkpoint({ model: trackable(to), step }, { storage, session });
  return {
    async restore(times) {
      for (let i = 0; i < times; i++) {
        (await checkpoint.read("ckpt")).assertConsumed();
        if (i % 5 > 0) continue;
        (await new Checkpoint({ model: trackable(to) }, { storage }).read("ckpt")).expectPartial();
        await loadWeights(to, "ckpt", { storage });
      }
    },
    difference: () =>
      tf.tidy(() => {
        const x = tf.linspace(-1, 1, 12).reshape([4, 3]);
        const [one, other] = [from.predict(x) as tf.Tensor, to.predict(x) as tf.Tensor];
        return one.sub(other).abs().max().dataSync()[0] as number;
      }),
    counts: () => {
      const { numTensors: tensors, numDataBuffers: buffers, numBytes: bytes } = tf.memory();
      return { tensors, buffers, bytes, operations: graph.operations.length };
    },
  };
}
