import { CheckpointManager } from "@tfsaver/checkpoint-manager";
import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { keepBest } from "@tfsaver/retention";
import { HostVariable } from "@tfsaver/saver-builders";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { expect, it } from "vitest";
import { objectGolden } from "../../../fixtures/object-goldens.js";
import { filesIn, putFile } from "../../../fixtures/storage-files.js";
import { Checkpoint, type LoadStatus } from "../src/index.js";

const variable = (value = 0) => new HostVariable(value, { name: "Variable" });

it("keeps the checkpoints that TensorFlow's CheckpointManager keeps", async () => {
  const { log } = objectGolden("manager");
  const storage = new MemoryStorage();
  const v = variable();
  const checkpoint = new Checkpoint({ v }, { storage });
  const saver = checkpoint.managed({ maxToKeep: 2 });
  const manager = new CheckpointManager({
    ...{ saver, session: null, directory: ".", prefix: "ckpt", every: { steps: 1 }, storage },
  });
  const strip = (path: string) => path.replace(/^\.\//, "");
  for (const [i, step] of [1, 2, 3, 4, 3].entries()) {
    if (i < 4) v.assign(step);
    const { returned, kept, files } = log[i];
    expect(strip((await manager.save(step)) as string)).toBe(strip(returned));
    expect((await manager.list()).map(({ path }) => strip(path))).toEqual(kept.map(strip));
    expect((await filesIn(storage)).filter((name) => name.startsWith("ckpt"))).toEqual(files);
    expect(strip((await latestCheckpoint(".", { storage })) as string)).toBe(strip(returned));
  }
  // As in TensorFlow, each save counts, also under a given number.
  expect(checkpoint.saveCounter.value.data).toEqual(BigInt64Array.of(BigInt(log[4].save_counter)));

  const again = new CheckpointManager({
    saver: new Checkpoint({ v: variable() }, { storage }).managed({ maxToKeep: 2 }),
    ...{ session: null, directory: ".", prefix: "ckpt", every: { steps: 1 }, storage },
  });
  expect((await again.list()).map(({ path }) => strip(path)).sort()).toEqual(
    objectGolden("manager").reopened.checkpoints.map(strip).sort(),
  );
});

it("goes on after a restart, by a Checkpoint itself, and in the background", async () => {
  const storage = new MemoryStorage();
  const run = async (steps: number) => {
    const step = variable();
    const saver = new Checkpoint({ model: { step } }, { storage });
    const manager = new CheckpointManager({
      ...{ saver, session: null, directory: "run", every: { steps: 2 }, storage, async: true },
    });
    const { step: start } = await manager.restoreOrInitialize();
    expect(step.value.data[0]).toBe(start);
    for (let i = start + 1; i <= start + steps; i++) {
      step.assign(i);
      await manager.maybeSave(i);
    }
    await manager.close();
  };
  await run(5);
  await run(5);
  expect(await latestCheckpoint("run", { storage })).toBe("run/model.ckpt-8");
});

it("keeps the best checkpoints, and tells how much of a restored one was used", async () => {
  const storage = new MemoryStorage();
  const statuses: LoadStatus[] = [];
  const checkpoint = new Checkpoint({ v: variable() }, { storage });
  const saver = checkpoint.managed({
    retention: keepBest({ metric: "loss", n: 1, mode: "min" }),
    onRestored: (status) => statuses.push(status.assertConsumed()),
  });
  const manager = new CheckpointManager({ saver, session: null, directory: "run", every: { steps: 1 }, storage });
  for (const [i, loss] of [3, 1, 2].entries()) await manager.save(i + 1, { metrics: { loss } });
  expect((await manager.best())?.path).toBe("run/model.ckpt-2");
  expect((await manager.restoreOrInitialize()).path).toBe("run/model.ckpt-3");
  expect(statuses).toHaveLength(1);
});

it("passes over a damaged checkpoint, and changes no value by it", async () => {
  const storage = new MemoryStorage();
  const v = variable();
  const begin = () => {
    const saver = new Checkpoint({ v }, { storage });
    const onWarning = () => undefined;
    return new CheckpointManager({ saver, session: null, directory: "run", every: { steps: 1 }, storage, onWarning });
  };
  const manager = begin();
  for (const step of [1, 2]) {
    v.assign(step);
    await manager.save(step);
  }
  const data = "run/model.ckpt-2.data-00000-of-00001";
  await putFile(storage, data, (await readFile(storage, data)).subarray(0, 3));
  v.assign(9);
  const { path, passedOver } = await begin().restoreOrInitialize();
  expect([path, passedOver.map((one) => one.path)]).toEqual(["run/model.ckpt-1", ["run/model.ckpt-2"]]);
  expect(v.value.data[0]).toBe(1);
});
