import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { dataFilename } from "@tfsaver/checkpoint-names";
import { makeTensor, numElements, type Shape, type Tensor } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { keepLatest } from "@tfsaver/retention";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";

/** Steps of the checkpoints. The second is damaged afterwards. */
const STEPS = [1000, 2000, 3000];

/** Writes a folder as a training leaves it: checkpoints of a small encoder with the slots of Adam, one of them damaged. */
export async function writeRun(folder: string): Promise<void> {
  const graph = new Graph();
  const variables = [...shapesOfModel()].map(([name, shape]) => Variable.create(zeros(shape), { graph, name }));
  const step = Variable.create(0n, { graph, name: "global_step", dtype: "int64", trainable: false });
  const saver = new Saver({ graph, retention: keepLatest(5) });
  const session = new LocalSession(graph);
  for (const globalStep of STEPS) {
    for (const [i, variable] of variables.entries()) {
      await variable.load(content(variable.shape as Shape, variable.op.name, i, globalStep), session);
    }
    await step.load(BigInt(globalStep), session);
    const metrics = { loss: 2 / Math.sqrt(globalStep / 100), accuracy: 1 - 5 / Math.sqrt(globalStep) };
    await saver.save(session, join(folder, "model.ckpt"), { globalStep, metrics });
  }
  const file = openSync(join(folder, dataFilename("model.ckpt-2000", 0, 1)), "r+");
  writeSync(file, Uint8Array.of(1, 2, 3, 4), 0, 4, 200_000);
}

/** Yields the names and shapes of the variables and their slots. */
function* shapesOfModel(): Generator<readonly [string, Shape]> {
  const model: [string, Shape][] = [
    ["embedding/table", [512, 64]],
    ["stem/conv/kernel", [5, 5, 3, 32]],
  ];
  for (const layer of ["layer_0", "layer_1", "layer_2"]) {
    for (const part of ["query", "key", "value", "output"]) {
      model.push(
        [`encoder/${layer}/attention/${part}/kernel`, [64, 64]],
        [`encoder/${layer}/attention/${part}/bias`, [64]],
      );
    }
    model.push([`encoder/${layer}/feed_forward/kernel`, [64, 256]], [`encoder/${layer}/feed_forward/bias`, [256]]);
  }
  for (const [name, shape] of [...model, ["head/kernel", [64, 10]] as const]) {
    yield [name, shape];
    yield [`${name}/Adam`, shape];
    yield [`${name}/Adam_1`, shape];
  }
}

function zeros(shape: Shape): Tensor {
  return makeTensor("float32", shape, new Float32Array(numElements(shape)));
}

/** Makes numbers as they come out of a training: nearly normal, with a pattern. */
function content(shape: Shape, name: string, seed: number, step: number): Tensor {
  const data = new Float32Array(numElements(shape));
  const columns = shape.at(-1) ?? 1;
  const spread = name.endsWith("Adam_1") ? 1e-6 : name.endsWith("Adam") ? 1e-3 : 0.08;
  for (let i = 0; i < data.length; i++) {
    const wave = Math.sin((i % columns) / 5 + seed) * Math.cos(Math.floor(i / columns) / 7);
    const noise = noiseOf(i * 31 + seed) + noiseOf(i * 17 + step) * 0.3;
    data[i] = spread * (wave * 0.7 + noise);
    if (name.endsWith("Adam_1")) data[i] = Math.abs(data[i] as number);
  }
  return makeTensor("float32", shape, data);
}

/** Returns a number around 0 that the seed decides. */
function noiseOf(seed: number): number {
  let sum = 0;
  for (let k = 1; k <= 4; k++) sum += ((Math.imul(seed + k * 7919, 0x9e3779b1) >>> 8) % 2048) / 2048 - 0.5;
  return sum;
}
