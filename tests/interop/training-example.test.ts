import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listVariables, loadVariable } from "@tfsaver/checkpoint-reader";
import { afterAll, beforeAll, expect, it } from "vitest";
import { batchOf, loadFlowers } from "../../examples/training/src/flowers.js";
import { openTraining, STEPS, train } from "../../examples/training/src/train.js";
import { BATCH_SIZE, LEARNING_RATE, MOMENTUM } from "../../examples/training/src/training.js";
import { Oracle } from "./oracle.js";

let oracle: Oracle;
let folder: string;
beforeAll(() => {
  oracle = new Oracle();
  folder = mkdtempSync(join(tmpdir(), "tfsaver-interop-"));
});
afterAll(() => {
  oracle.close();
  rmSync(folder, { recursive: true });
});

it("TensorFlow's MomentumOptimizer goes on with the example's training, and its next step gives the same values", async () => {
  await train(folder);
  const prefix = join(folder, `model.ckpt-${STEPS}`);
  const { inputs, species } = batchOf(STEPS + 1, BATCH_SIZE, loadFlowers().training);
  const params = { prefix, inputs, species, learning_rate: LEARNING_RATE, momentum: MOMENTUM };
  const expected = await oracle.ask<{ loss: number; values: Record<string, number[]> }>("step_of_classifier", params);

  const { training, session, manager } = openTraining(folder);
  await manager.restoreOrInitialize();
  expect(await training.step(session, STEPS + 1)).toBeCloseTo(expected.loss, 6);
  const next = (await manager.save(STEPS + 1)) ?? "";
  expect((await listVariables(next)).map(({ name }) => name)).toEqual(Object.keys(expected.values).sort());
  for (const [name, values] of Object.entries(expected.values)) {
    const { data } = await loadVariable(next, name);
    for (const [i, value] of values.entries()) expect(Number(data[i]), `${name} ${i}`).toBeCloseTo(value, 5);
  }
  await manager.close();
});
