import * as tf from "@tensorflow/tfjs";
import { TrackableObjectGraph } from "@tfsaver/checkpoint-proto/object-graph";
import { listVariables, loadVariable, OBJECT_GRAPH_KEY } from "@tfsaver/checkpoint-reader";
import { type Tensor, type TensorLike, toTensor } from "@tfsaver/core";
import { Checkpoint } from "@tfsaver/object-checkpoint";
import { Saver } from "@tfsaver/saver";
import { HostVariable } from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { describe, expect, it } from "vitest";
import { loadWeights, saveablesOf, setLearningRate, trackable } from "../src/index.js";
import { sequentialModel } from "./models.js";

function compiled(): tf.Sequential {
  const model = sequentialModel();
  model.compile({ optimizer: tf.train.adam(0.05), loss: "meanSquaredError" });
  return model;
}

function valuesOf(model: tf.LayersModel): number[][] {
  return model.getWeights().map((weight) => [...weight.dataSync()]);
}

/** Makes sure that a call fails, and that it changes no weight and no step. */
async function expectUnchanged(model: tf.LayersModel, call: () => Promise<unknown>, message: RegExp): Promise<void> {
  const before = [valuesOf(model), model.optimizer?.iterations];
  await expect(call()).rejects.toThrow(message);
  expect([valuesOf(model), model.optimizer?.iterations]).toEqual(before);
}

async function saved(children: Record<string, unknown>): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  await new Checkpoint(children, { storage }).write("ckpt");
  return storage;
}

function scalar(value: TensorLike, dtype: "int64" | "float32" | "float64"): HostVariable {
  return new HostVariable(value, { name: "value", dtype });
}

it("a model of another architecture is refused with the object, the key and both shapes", async () => {
  const wider = tf.sequential({ layers: [tf.layers.dense({ units: 5, inputShape: [3] })] });
  const storage = await saved({ model: trackable(wider) });
  const model = compiled();
  const checkpoint = new Checkpoint({ model: trackable(model) }, { storage });
  await expectUnchanged(
    model,
    () => checkpoint.read("ckpt"),
    /\(root\)\.model\.\S*kernel, here VariableSaveable 'dense_\S+\/kernel'.*layer_with_weights-0\/kernel\S* as float32 \[3,5\], the object is float32 \[3,4\]. No value was restored/s,
  );
  await expectUnchanged(
    model,
    () => loadWeights(model, "ckpt", { storage }),
    /does not fit the model net:\n {2}\S+\/kernel from \S+: the weight is float32 \[3,4\], the checkpoint has float32 \[3,5\]\n.*No weight was changed/s,
  );
});

it("a value of another dtype is refused with the object and the key", async () => {
  const kernel = new HostVariable([[1, 2]], { name: "kernel", dtype: "float64" });
  const storage = await saved({ model: { "layer_with_weights-0": { kernel } } });
  const model = compiled();
  await expectUnchanged(
    model,
    () => new Checkpoint({ model: trackable(model) }, { storage }).read("ckpt"),
    /model\/layer_with_weights-0\/kernel.*expected dtype float does not equal original dtype double/,
  );
});

it("a number of steps that TensorFlow.js can't count is refused before the weights change", async () => {
  const from = compiled();
  const node = trackable(from, { optimizer: false });
  const storage = new MemoryStorage();
  const optimizer = { _iterations: scalar(2n ** 31n, "int64") };
  const model = compiled();
  const weights = { "layer_with_weights-0": { bias: new HostVariable([1, 2, 3, 4], { name: "bias" }) } };
  await new Checkpoint({ model: { ...weights, optimizer }, node }, { storage }).write("ckpt");
  await expectUnchanged(
    model,
    () => new Checkpoint({ model: trackable(model) }, { storage }).read("ckpt"),
    /iteration is 2147483648 in the checkpoint, but TensorFlow.js needs an integer from 0 to 2147483647. No value was restored/,
  );
});

/** Optimizers with slots, and how TensorFlow.js names the first one of `w`. */
const WITH_SLOTS = [
  ["adam", () => tf.train.adam(0.1), "w/m", "_momentums"],
  ["momentum", () => tf.train.momentum(0.1, 0.9), "w/momentum", "momentums"],
  ["rmsprop", () => tf.train.rmsprop(0.1), "w/rms", "_velocities"],
  ["rmsprop with momentum", () => tf.train.rmsprop(0.1, 0.9, 0.5), "w/rms", "_velocities"],
] as const;

describe.each(WITH_SLOTS)("the slots of %s", (_, make, slot, list) => {
  /** Restores slots of other values into an optimizer, which must refuse them and keep its own. */
  async function expectRefused(slots: readonly unknown[], message: RegExp): Promise<void> {
    const w = tf.variable(tf.tensor([1, 2]), true, "w");
    const optimizer = make();
    optimizer.applyGradients({ w: tf.tensor([1, 1]) as tf.Variable });
    const opt = trackable(optimizer, { variables: [w] });
    const values = async () => {
      const storage = new MemoryStorage();
      await new Checkpoint({ w: trackable(w), opt }, { storage }).write("now");
      const read = async (key: string) => [...((await loadVariable("now", key, { storage })).data as Float32Array)];
      const keys = (await listVariables("now", { storage })).map(({ name }) => name);
      return Promise.all(keys.filter((key) => !key.startsWith("_")).map(async (key) => [key, await read(key)]));
    };
    const storage = await saved({ w: new HostVariable([7, 8], { name: "w" }), opt: { [list]: slots } });
    const before = await values();
    const call = async () =>
      (await new Checkpoint({ w: trackable(w), opt }, { storage }).read("ckpt")).assertExistingObjectsMatched();
    await expect(call()).rejects.toThrow(message);
    if (!/not bound/.test(message.source)) expect(await values()).toEqual(before);
    w.dispose();
    optimizer.dispose();
  }

  it("of another shape are refused with the object, the key, both shapes and what to do", () =>
    expectRefused(
      [new HostVariable([1, 2, 3], { name: slot })],
      new RegExp(
        `\\(root\\)\\.opt\\.${list}\\.0, here \\w+ '${slot}'.*opt/${list}/0/\\.ATTRIBUTES/VARIABLE_VALUE as float32 \\[3\\], ` +
          "the object is float32 \\[2\\]\\. No value was restored\\. Make the object as it was",
        "s",
      ),
    ));

  it("of another dtype are refused with the object, the key, both dtypes and what to do", () =>
    expectRefused(
      [new HostVariable([1, 2], { name: slot, dtype: "float64" })],
      new RegExp(
        `opt/${list}/0/\\S+; expected dtype float does not equal original dtype double.*\\(root\\)\\.opt\\.${list}\\.0, here .*` +
          "No value was restored\\. Make the object",
        "s",
      ),
    ));

  it("that are missing are named by the assertion, with what the checkpoint has instead", () =>
    expectRefused([], new RegExp(`not bound to checkpointed values.*'${slot}'`, "s")));
});

it("a slot whose key is not in the file is refused with the object, the key and what to do", async () => {
  const w = tf.variable(tf.tensor([1, 2]), true, "w");
  const optimizer = tf.train.rmsprop(0.1);
  const nodes = [
    { children: [{ localName: "opt", nodeId: 1 }], attributes: [], slotVariables: [] },
    { children: [{ localName: "_velocities", nodeId: 2 }], attributes: [], slotVariables: [] },
    { children: [{ localName: "0", nodeId: 3 }], attributes: [], slotVariables: [] },
    {
      children: [],
      attributes: [
        { name: "VARIABLE_VALUE", fullName: "", checkpointKey: "opt/_velocities/0/.ATTRIBUTES/VARIABLE_VALUE" },
      ],
      slotVariables: [],
    },
  ];
  const storage = new MemoryStorage();
  const writer = new BundleWriter("ckpt", { storage });
  await writer.add(OBJECT_GRAPH_KEY, toTensor(TrackableObjectGraph.encode({ nodes }), "string", []));
  await writer.finish();
  const checkpoint = new Checkpoint({ opt: trackable(optimizer, { variables: [w] }) }, { storage });
  await expect(checkpoint.read("ckpt")).rejects.toThrow(
    /Key opt\/_velocities\/0\/\S+ not found.*Object: \(root\)\.opt\._velocities\.0, here VariableSaveable 'w\/rms'.*No value was restored\. Make/s,
  );
  w.dispose();
});

it("a missing slot is named by the assertion, and keeps its value", async () => {
  const from = compiled();
  const storage = await saved({ model: trackable(from, { optimizer: false }) });
  const model = compiled();
  const status = await new Checkpoint({ model: trackable(model) }, { storage }).read("ckpt");
  expect(() => status.assertExistingObjectsMatched()).toThrow(/Found 14 Python objects that were not bound.*\/m/s);
});

it("a learning rate of 0, which Keras' momentum can't be told from, is refused", async () => {
  const w = tf.variable(tf.tensor([1]));
  const momentum = (rate: number) => trackable(tf.train.momentum(rate, 0.9), { variables: [w] });
  await expect(saved({ opt: momentum(0) })).rejects.toThrow(/momentum can't be saved.*Set a learning rate/);
  const storage = await saved({ opt: momentum(0.1) });
  const opt = tf.train.momentum(0.1, 0.9);
  await new Checkpoint({ opt: trackable(opt, { variables: [w] }) }, { storage }).read("ckpt");
  w.dispose();
});

/** Encodes an object graph of children alone. */
function graphOf(
  nodes: readonly { readonly children: { readonly localName: string; readonly nodeId: number }[] }[],
): Uint8Array {
  return TrackableObjectGraph.encode({
    nodes: nodes.map(({ children }) => ({ children, attributes: [], slotVariables: [] })),
  });
}

const EDGE = { localName: "layer_with_weights-0", nodeId: 1 };

it.each([
  [
    "a child that is not there",
    [{ children: [{ ...EDGE, nodeId: 9 }] }],
    /child 'layer_with_weights-0' of object 0 is object 9/,
  ],
  ["a circle of objects", [{ children: [EDGE] }, { children: [{ localName: "kernel", nodeId: 0 }] }], /no value for/],
])("an object graph with %s is refused", async (_, nodes, message) => {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("ckpt", { storage });
  await writer.add(OBJECT_GRAPH_KEY, toTensor(graphOf(nodes), "string", []));
  await writer.finish();
  const model = compiled();
  await expectUnchanged(model, () => loadWeights(model, "ckpt", { storage }), message);
});

it("an int64 that does not fit into an int32 is refused, others are converted", async () => {
  const model = sequentialModel();
  const step = tf.variable(tf.scalar(0, "int32"), false, "step");
  const holder = {
    name: "holder",
    weights: [] as unknown[],
    layers: [],
    trainableWeights: [],
    getClassName: () => "Model",
  };
  holder.weights.push({ name: "step", originalName: "step", read: () => step, write: () => undefined });
  const load = async (value: bigint) => {
    const storage = await saved({ step: scalar(value, "int64") });
    return loadWeights(holder as never, "ckpt", { storage, map: { step: "step" } });
  };
  await load(12n);
  expect(step.dataSync()).toEqual(Int32Array.of(12));
  await expect(load(2n ** 31n)).rejects.toThrow(/step is int32, but step\S* has the int64 value 2147483648/);
  expect(step.dataSync()).toEqual(Int32Array.of(12));
  tf.dispose([step]);
  model.dispose();
});

it("a map transposes, and names what the checkpoint does not have", async () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2], useBias: false, name: "d" })] });
  const value = toTensor(
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    "float32",
  ) as Tensor;
  const storage = await saved({ linear: { weight: new HostVariable(value, { name: "linear.weight" }) } });
  await expect(loadWeights(model, "ckpt", { storage, map: { "d/kernel": "liner/weight" } })).rejects.toThrow(
    /no value for d\/kernel \(as liner\/weight\).*also has linear\/weight/,
  );
  await loadWeights(model, "ckpt", { storage, map: { "d/kernel": { name: "linear/weight", transpose: [1, 0] } } });
  expect(valuesOf(model)).toEqual([[1, 3, 5, 2, 4, 6]]);
});

it("an unknown optimizer, equal names and a disposed variable are refused by name", async () => {
  class Own extends tf.SGDOptimizer {
    override getClassName(): string {
      return "Own";
    }
  }
  expect(() => trackable(new Own(0.1))).toThrow("The state of the optimizer Own is not known");
  expect(() => trackable(tf.train.adamax(0.1), { layout: "tf1" })).toThrow("TensorFlow 1 has no Adamax optimizer");
  const w = tf.variable(tf.tensor([1]), true, "twice");
  expect(() => saveablesOf([w, w])).toThrow("At least two values have the same name: twice");
  const gone = trackable(w);
  w.dispose();
  await expect(saved({ gone })).rejects.toThrow("twice is disposed");
});

it("Keras' momentum beside a learning-rate schedule, which lacks the learning rate, is refused with the option to use", async () => {
  const w = tf.variable(tf.tensor([1, 2]));
  const slot = new HostVariable([3, 4], { name: "momentum" });
  const optimizer = { _variables: [scalar(3n, "int64"), slot], _iterations: scalar(3n, "int64"), momentums: [slot] };
  const storage = await saved({ optimizer });
  const momentum = tf.train.momentum(0.1, 0.9);
  const checkpoint = new Checkpoint({ optimizer: trackable(momentum, { variables: [w] }) }, { storage });
  await expect(checkpoint.read("ckpt")).rejects.toThrow(
    /\(root\)\.optimizer\._variables\.1, here NumberSaveable 'learning_rate'.*pass it to `trackable` as `schedule`/,
  );
  expect(momentum.iterations).toBe(0);
  const known = trackable(momentum, { variables: [w], schedule: (steps) => (steps === 3 ? 0.5 : 0.1) });
  (await new Checkpoint({ optimizer: known }, { storage }).read("ckpt")).assertConsumed();
  expect([momentum.iterations, momentum.getConfig().learningRate]).toEqual([3, 0.5]);
  const wrong = trackable(momentum, { variables: [w], schedule: () => Number.NaN });
  await expect(new Checkpoint({ optimizer: wrong }, { storage }).read("ckpt")).rejects.toThrow("schedule(3) is NaN");
  expect(() => setLearningRate(momentum, 0)).toThrow(
    "the momentum of a Momentum optimizer can't be kept at a rate of 0",
  );
  expect(() => setLearningRate(momentum, -1)).toThrow("rate is -1: a learning rate must be a finite number");
  expect(momentum.getConfig().learningRate).toBe(0.5);
  w.dispose();
});

it("a Saver checks all values before the first one changes", async () => {
  const w = tf.variable(tf.tensor([1, 2]), true, "checked");
  const adam = tf.train.adam(0.1);
  const varList = { ...saveablesOf([w]), ...saveablesOf(adam, { variables: [w] }) };
  const storage = new MemoryStorage();
  const write = (values: Record<string, TensorLike>) => {
    const hosts = Object.entries(values).map(([name, value]) => new HostVariable(value, { name, dtype: "float32" }));
    return new Saver({ varList: hosts, eager: (graph) => new LocalSession(graph, { storage }), storage }).save(
      null,
      "ckpt",
    );
  };
  const slots = { "checked/Adam": [0, 0], "checked/Adam_1": [0, 0] };
  await write({ checked: [3, 4], ...slots, beta1_power: Number.NaN, beta2_power: 0.9 });
  const saver = new Saver({ varList, eager: (graph) => new LocalSession(graph, { storage }), storage });
  await expect(saver.restore(null, "ckpt")).rejects.toThrow("beta1_power is NaN in the checkpoint");
  expect([...w.dataSync()]).toEqual([1, 2]);
  w.dispose();
});

it("a damaged file is explained, by loadWeights too: its name, the cause and the newest whole checkpoint", async () => {
  const model = compiled();
  const storage = new MemoryStorage();
  const checkpoint = new Checkpoint({ model: trackable(model) }, { storage });
  for (let i = 0; i < 2; i++) await checkpoint.save("run/ckpt");
  await storage.remove("run/ckpt-2.data-00000-of-00001");
  const explanation =
    /run\/ckpt-2\.data-00000-of-00001 is missing.*The newest whole checkpoint of the folder is run\/ckpt-1\./s;
  await expectUnchanged(model, () => checkpoint.restore("run/ckpt-2"), explanation);
  await expectUnchanged(model, () => loadWeights(model, "run/ckpt-2", { storage }), explanation);
});
