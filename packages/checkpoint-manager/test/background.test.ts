import { CancelledError } from "@tfsaver/core";
import { keepBest, keepLatest } from "@tfsaver/retention";
import { Saver } from "@tfsaver/saver";
import { HostVariable } from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { FaultyStorage } from "@tfsaver/testing";
import { describe, expect, test } from "vitest";
import { CheckpointManager, type ManagedSaver, onImprovement } from "../src/index.js";
import { startRun } from "./model.js";

/** A storage that creates files only once it is told to. */
class WaitingStorage extends MemoryStorage {
  write = () => {};
  readonly #mayWrite = new Promise<void>((resolve) => {
    this.write = resolve;
  });

  override async create(...args: Parameters<MemoryStorage["create"]>) {
    await this.#mayWrite;
    return super.create(...args);
  }
}

/** A run that saves every 10 steps in the background; no checkpoint gets written until its storage is told to. */
async function startWaiting(options: Parameters<typeof startRun>[0] = {}) {
  const storage = new WaitingStorage();
  const run = startRun({ async: true, ...options, storage });
  await run.set(10);
  return { ...run, storage };
}

/** A run whose data files can't be written while `isFull`. */
async function startFull(options: Parameters<typeof startRun>[0] = {}) {
  const disk = { isFull: true };
  const fail = ({ path }: { path: string }) => disk.isFull && path.includes(".data");
  const storage = new FaultyStorage(new MemoryStorage(), { fail, error: new Error("the disk is full") });
  const run = startRun({ async: true, ...options, storage });
  await run.set(10);
  return { ...run, disk };
}

/** Lets the saves in the background end, without looking at their outcomes. */
const wait = () => new Promise((resolve) => setTimeout(resolve, 20));

describe("maybeSave in the background", () => {
  test("returns when the values are taken, before anything is written, and says what follows", async () => {
    const { manager, storage } = await startWaiting();
    const outcome = await manager.maybeSave(10);
    expect(outcome).toEqual({ saved: true, reason: "10 steps since step 0", committed: expect.any(Promise) });
    expect([await manager.latest, await manager.list()]).toEqual([undefined, []]);
    storage.write();
    expect(await outcome.committed).toBe("run/model.ckpt-10");
    expect(await manager.latest).toBe("run/model.ckpt-10");
    expect(await manager.list()).toMatchObject([{ path: "run/model.ckpt-10", step: 10 }]);
  });

  test("saves the values of its step, whatever the loop does meanwhile", async () => {
    const { manager, storage, set } = await startWaiting();
    const { committed } = await manager.maybeSave(10);
    await set(11);
    storage.write();
    await committed;
    const next = startRun({ storage });
    await next.manager.restoreOrInitialize();
    expect(await next.get()).toBe(10);
  });

  test("waits while the save before is under way", async () => {
    const { manager, storage } = await startWaiting();
    await manager.maybeSave(10);
    let isStaged = false;
    const second = manager.maybeSave(20).then((outcome) => {
      isStaged = true;
      return outcome;
    });
    await wait();
    expect(isStaged).toBe(false);
    storage.write();
    expect(await (await second).committed).toBe("run/model.ckpt-20");
  });

  test("counts the value of a save under way as the best one", async () => {
    const { manager, storage } = await startWaiting({ every: onImprovement("loss", "min") });
    await manager.maybeSave(1, { metrics: { loss: 0.5 } });
    const second = await manager.maybeSave(2, { metrics: { loss: 0.7 } });
    expect(second).toEqual({ saved: false, reason: "loss 0.7 is not better than 0.5" });
    storage.write();
    await manager.close();
  });

  test("best knows only what is committed", async () => {
    const retention = keepBest({ metric: "loss", n: 1, mode: "min" });
    const { manager, storage } = await startWaiting({ saverOptions: { retention } });
    const { committed } = await manager.maybeSave(10, { metrics: { loss: 0.5 } });
    expect(await manager.best()).toBeUndefined();
    storage.write();
    await committed;
    expect(await manager.best()).toMatchObject({ step: 10, metrics: { loss: 0.5 } });
  });

  test("save and restoreOrInitialize wait for what is under way", async () => {
    const { manager, storage } = await startWaiting({ saverOptions: { retention: keepLatest(5) } });
    await manager.maybeSave(10);
    const [saved, restored] = [manager.save(11), manager.restoreOrInitialize()];
    storage.write();
    expect(await saved).toBe("run/model.ckpt-11");
    expect(await restored).toMatchObject({ step: 11 });
    expect((await manager.list()).map(({ step }) => step)).toEqual([10, 11]);
  });

  test("close waits for it", async () => {
    const { manager, storage } = await startWaiting();
    await manager.maybeSave(3, { isLast: true });
    const closed = manager.close();
    storage.write();
    await closed;
    expect(await manager.latest).toBe("run/model.ckpt-3");
  });
});

describe("a save in the background that fails", () => {
  test("throws its error at the next maybeSave, once, and the one after saves", async () => {
    const { manager, disk } = await startFull();
    await manager.maybeSave(10);
    await wait();
    await expect(manager.maybeSave(11)).rejects.toThrow("the disk is full");
    disk.isFull = false;
    const { reason, committed } = await manager.maybeSave(12);
    expect(reason).toBe("12 steps since step 0");
    expect(await committed).toBe("run/model.ckpt-12");
    await manager.close();
  });

  test("throws its error at close", async () => {
    const { manager } = await startFull();
    await manager.maybeSave(10);
    await expect(manager.close()).rejects.toThrow("the disk is full");
    await manager.close();
  });

  test("throws its error at save", async () => {
    const { manager } = await startFull();
    await manager.maybeSave(10);
    await wait();
    await expect(manager.save(11)).rejects.toThrow("the disk is full");
  });

  test("is the loop's business if the loop looks at it", async () => {
    const { manager, disk } = await startFull();
    const { committed } = await manager.maybeSave(10);
    await expect(committed).rejects.toThrow("the disk is full");
    disk.isFull = false;
    expect(await manager.maybeSave(11)).toMatchObject({ saved: true });
    await manager.close();
  });

  test("does not count as the best one afterwards", async () => {
    const { manager, disk } = await startFull({ every: onImprovement("loss", "min") });
    const { committed } = await manager.maybeSave(1, { metrics: { loss: 0.5 } });
    await expect(committed).rejects.toThrow("the disk is full");
    disk.isFull = false;
    expect(await manager.maybeSave(2, { metrics: { loss: 0.7 } })).toMatchObject({ saved: true });
    await manager.close();
  });

  test("by a cancel throws nothing later", async () => {
    const { manager, storage } = await startWaiting();
    const cancel = new AbortController();
    const { committed } = await manager.maybeSave(10, { signal: cancel.signal });
    cancel.abort();
    storage.write();
    await manager.close();
    await expect(committed).rejects.toThrow(CancelledError);
  });
});

/** A saver that can do nothing but what is given. */
function saverOf(given: Partial<ManagedSaver>): ManagedSaver {
  const refuse = () => Promise.reject(new Error("not here"));
  return {
    ...{ keptCheckpoints: [], ranking: undefined, save: refuse, restore: refuse },
    ...{ recoverCheckpoints: async () => undefined, forgetCheckpoints: () => undefined },
    ...given,
  };
}

test("values that can't be taken reject maybeSave itself, and nothing later", async () => {
  const failed = () => Promise.reject(new Error("no such value"));
  const { manager } = startRun({
    saver: saverOf({ saveAsync: () => ({ staged: failed(), committed: failed() }) }),
    async: true,
  });
  await expect(manager.maybeSave(10)).rejects.toThrow("no such value");
  await manager.close();
});

test("a saver that can't save in the background is refused", () => {
  const make = () => startRun({ saver: saverOf({}), async: true });
  expect(make).toThrow("it has no saveAsync, which the option async needs");
});

test("an eager saver saves in the background too, and its arrays may be written to meanwhile", async () => {
  const open = () => {
    const weights = new HostVariable([1, 2, 3], { name: "weights" });
    const saver = new Saver({ varList: [weights], storage, eager: (graph) => new LocalSession(graph, { storage }) });
    const options = { saver, session: null, directory: "run", storage, every: { steps: 10 }, async: true };
    return { weights, manager: new CheckpointManager(options) };
  };
  const storage = new WaitingStorage();
  const { weights, manager } = open();
  const { committed } = await manager.maybeSave(10);
  (weights.value.data as Float32Array).fill(7);
  storage.write();
  expect(await committed).toBe("run/model.ckpt-10");
  const next = open();
  await next.manager.restoreOrInitialize();
  expect(next.weights.value.data).toEqual(Float32Array.of(1, 2, 3));
});
