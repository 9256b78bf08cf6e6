import { asyncDispose, PermissionDeniedError } from "@tfsaver/core";
import { keepLatest } from "@tfsaver/retention";
import { MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
import { CountingStorage, FaultyStorage } from "@tfsaver/testing";
import { describe, expect, test } from "vitest";
import { onImprovement, onRequest } from "../src/index.js";
import { saveSteps, startRun } from "./model.js";

const touch = (storage: MemoryStorage) => writeFileAtomically(storage, "run/save-now", new Uint8Array());

describe("maybeSave", () => {
  test("saves every n steps, and says why", async () => {
    const run = startRun({ every: { steps: 3 } });
    await run.set(1);
    const outcomes = [];
    for (let step = 1; step <= 4; step++) outcomes.push(await run.manager.maybeSave(step));
    expect(outcomes).toEqual([
      { saved: false, reason: "1 of 3 steps since step 0" },
      { saved: false, reason: "2 of 3 steps since step 0" },
      { saved: true, path: "run/model.ckpt-3", reason: "3 steps since step 0" },
      { saved: false, reason: "1 of 3 steps since step 3" },
    ]);
  });

  test("saves every n seconds of the given clock, from the start on", async () => {
    let now = 5_000_000;
    const run = startRun({ every: { seconds: 60 }, clock: () => now });
    await run.set(1);
    const saved = [];
    for (let step = 1; step <= 10; step++) {
      now += 25_000;
      if ((await run.manager.maybeSave(step)).saved) saved.push(step);
    }
    expect(saved).toEqual([3, 6, 9]);
  });

  test("takes the earlier one of steps and seconds", async () => {
    let now = 0;
    const run = startRun({ every: { steps: 5, seconds: 60 }, clock: () => now });
    await run.set(1);
    now = 60_000;
    expect(await run.manager.maybeSave(1)).toMatchObject({ saved: true, reason: "60 seconds since the last save" });
    expect(await run.manager.maybeSave(6)).toMatchObject({ saved: true, reason: "5 steps since step 1" });
  });

  test("counts from where a loop went back to, and survives a clock that is set back", async () => {
    let now = 1e9;
    const run = startRun({ every: { steps: 10, seconds: 60 }, clock: () => now });
    await saveSteps(run, [100]);
    expect(await run.manager.maybeSave(50)).toMatchObject({ saved: false });
    expect(await run.manager.maybeSave(60)).toMatchObject({ saved: true });
    now = 0;
    expect(await run.manager.maybeSave(61)).toMatchObject({ saved: false });
    now = 60_000;
    expect(await run.manager.maybeSave(62)).toMatchObject({ saved: true });
  });

  test("saves on improvement, also over the checkpoints of an earlier run", async () => {
    const every = onImprovement("loss", "min");
    const saverOptions = () => ({ retention: keepLatest(5) });
    const first = startRun({ every, saverOptions: saverOptions() });
    await saveSteps(first, [1], () => 0.5);
    const { manager, set } = startRun({ every, storage: first.storage, saverOptions: saverOptions() });
    await set(2);
    const metrics = (loss: number) => ({ metrics: { loss } });
    expect(await manager.maybeSave(2, metrics(0.6))).toEqual({
      saved: false,
      reason: "loss 0.6 is not better than 0.5",
    });
    expect(await manager.maybeSave(3, metrics(0.4))).toMatchObject({ saved: true });
    expect(await manager.maybeSave(4)).toEqual({ saved: false, reason: "loss was not measured" });
  });

  test("that failed tries again at the next step", async () => {
    const inner = new MemoryStorage();
    let isFull = true;
    const storage = new FaultyStorage(inner, { fail: ({ path }) => isFull && path.includes(".data") });
    const { manager, set } = startRun({ storage });
    await set(1);
    await expect(manager.maybeSave(10)).rejects.toThrow();
    isFull = false;
    expect(await manager.maybeSave(11)).toMatchObject({ saved: true, reason: "11 steps since step 0" });
  });

  test("carries out one call after another", async () => {
    const run = startRun();
    await run.set(1);
    const outcomes = await Promise.all([10, 11, 20].map((step) => run.manager.maybeSave(step)));
    expect(outcomes.map(({ saved }) => saved)).toEqual([true, false, true]);
  });

  test("that does not save touches no file, after the first", async () => {
    const storage = new CountingStorage(new MemoryStorage());
    const { manager } = startRun({ storage });
    await manager.maybeSave(1);
    const before = storage.operations.length;
    await manager.maybeSave(2);
    expect(storage.operations).toHaveLength(before);
  });
});

describe("the last step", () => {
  test("is saved in any case", async () => {
    const run = startRun();
    await run.set(1);
    expect(await run.manager.maybeSave(3, { isLast: false })).toMatchObject({ saved: false });
    expect(await run.manager.maybeSave(4, { isLast: true })).toEqual({
      saved: true,
      path: "run/model.ckpt-4",
      reason: "it is the last step",
    });
  });

  test("is not saved twice", async () => {
    const run = startRun();
    await saveSteps(run, [4]);
    const reason = "it is the last step, and step 4 is saved already";
    expect(await run.manager.maybeSave(4, { isLast: true })).toEqual({ saved: false, reason });
  });
});

describe("metrics that a function measures", () => {
  const counted = () => {
    let calls = 0;
    return { calls: () => calls, options: { metrics: async () => ({ loss: ++calls }) } };
  };

  test("are measured only at steps that are saved", async () => {
    const run = startRun({ every: { steps: 3 }, saverOptions: { retention: keepLatest(5) } });
    await run.set(1);
    const measured = counted();
    for (let step = 1; step <= 7; step++) await run.manager.maybeSave(step, measured.options);
    expect(measured.calls()).toBe(2);
    await run.manager.save(8, measured.options);
    const list = await run.manager.list();
    expect(list.map(({ step, metrics }) => [step, metrics])).toEqual([
      [3, { loss: 1 }],
      [6, { loss: 2 }],
      [8, { loss: 3 }],
    ]);
  });

  test("are measured once at each step if a policy decides on them", async () => {
    const run = startRun({ every: [{ steps: 100 }, onImprovement("loss", "max")] });
    await run.set(1);
    const measured = counted();
    for (let step = 1; step <= 3; step++)
      expect(await run.manager.maybeSave(step, measured.options)).toMatchObject({ saved: true });
    expect(measured.calls()).toBe(3);
  });

  test("reject with its error, and the next step tries again", async () => {
    const run = startRun();
    await run.set(1);
    const failing = () => Promise.reject(new Error("no validation data"));
    await expect(run.manager.maybeSave(10, { metrics: failing })).rejects.toThrow("no validation data");
    expect(await run.manager.maybeSave(11, { metrics: () => ({ loss: 1 }) })).toMatchObject({ saved: true });
  });
});

test.for([
  ["a number", 0.5],
  ["a function that returns nothing", () => undefined],
] as const)("metrics that are %s are refused", async ([, metrics]) => {
  const { manager, set } = startRun();
  await set(1);
  await expect(manager.maybeSave(10, { metrics } as object)).rejects.toThrow(/metrics must be values by name/);
});

describe("a request", () => {
  test("is off by default", async () => {
    const storage = new MemoryStorage();
    await storage.createDirectory("run");
    await touch(storage);
    expect(await startRun({ storage }).manager.maybeSave(1)).toMatchObject({ saved: false });
    expect(await storage.stat("run/save-now")).toBeDefined();
  });

  test("is served once, looked for at most once a second, and removed after the save", async () => {
    const storage = new MemoryStorage();
    let now = 0;
    const { manager, set } = startRun({ storage, every: [{ steps: 1000 }, onRequest()], clock: () => now });
    await set(1);
    expect(await manager.maybeSave(1)).toMatchObject({ saved: false });
    await storage.createDirectory("run");
    await touch(storage);
    now = 999;
    expect(await manager.maybeSave(2)).toMatchObject({ saved: false });
    now = 1000;
    expect(await manager.maybeSave(3)).toMatchObject({ saved: true, reason: "save-now exists" });
    expect(await storage.stat("run/save-now")).toBeUndefined();
    now = 2000;
    expect(await manager.maybeSave(4)).toMatchObject({ saved: false });
  });

  test("that can't be removed does not save at every step", async () => {
    const inner = new MemoryStorage();
    await inner.createDirectory("run");
    await touch(inner);
    const isRemoval = ({ kind, path }: { kind: string; path: string }) =>
      kind === "remove" && path.endsWith("save-now");
    const storage = new FaultyStorage(inner, { fail: isRemoval, error: new PermissionDeniedError("not yours") });
    let now = 0;
    const { manager, set, warnings } = startRun({ storage, every: onRequest(), clock: () => now });
    await set(1);
    expect(await manager.maybeSave(1)).toMatchObject({ saved: true });
    now = 5000;
    expect(await manager.maybeSave(2)).toMatchObject({ saved: false });
    expect(warnings.join()).toContain("run/save-now can't be removed");
  });

  test("that can't be looked for does not stop the training", async () => {
    const isLook = ({ path }: { path: string }) => path.endsWith("save-now");
    const storage = new FaultyStorage(new MemoryStorage(), { fail: isLook });
    const { manager, warnings } = startRun({ storage, every: onRequest() });
    expect(await manager.maybeSave(1)).toMatchObject({ saved: false });
    expect(warnings.join()).toContain("run/save-now can't be looked at");
  });
});

test("save creates the folder, with its parents", async () => {
  const { manager, set } = startRun({ directory: "a/b/run" });
  await set(1);
  expect(await manager.save(5)).toBe("a/b/run/model.ckpt-5");
  expect(await manager.latest).toBe("a/b/run/model.ckpt-5");
});

test("a meta graph is saved with each checkpoint, unless it is turned off", async () => {
  const [wanted, unwanted] = [startRun(), startRun({ writeMetaGraph: false })];
  for (const run of [wanted, unwanted]) await saveSteps(run, [5]);
  expect(await wanted.storage.stat(`${wanted.manager.directory}/model.ckpt-5.meta`)).toBeDefined();
  expect(await unwanted.storage.stat(`${unwanted.manager.directory}/model.ckpt-5.meta`)).toBeUndefined();
});

test("best without a metric says what to do", async () => {
  await expect(startRun().manager.best()).rejects.toThrow(/pass it a retention, as keepBest/);
});

test("latest is undefined in an empty folder", async () => {
  expect(await startRun().manager.latest).toBeUndefined();
});

test("close waits for the save that is under way, and then refuses calls", async () => {
  const { manager, set } = startRun();
  await set(1);
  let isSaved = false;
  const save = manager.save(1).then(() => {
    isSaved = true;
  });
  await manager.close();
  expect(isSaved).toBe(true);
  await save;
  await manager.close();
  await expect(manager.maybeSave(2)).rejects.toThrow("This manager is closed");
});

test("await using closes the manager", async () => {
  const { manager } = startRun();
  await manager[asyncDispose]();
  await expect(manager.maybeSave(1)).rejects.toThrow("This manager is closed");
});

describe("a misspelled option is refused by name", () => {
  const { manager } = startRun();
  test.for([
    ["the constructor", () => startRun({ onSignals: [] } as object), "onSignals"],
    ["intervals", () => startRun({ every: { step: 100 } as object }), "step"],
    ["one of several intervals", () => startRun({ every: [{ secs: 1 } as object] }), "secs"],
    ["maybeSave", () => manager.maybeSave(1, { metric: {} } as object), "metric"],
    ["save", () => manager.save(1, { isLast: true } as object), "isLast"],
    ["restoreOrInitialize", () => manager.restoreOrInitialize({ initialize: () => 0 } as object), "initialize"],
  ] as const)("of %s", async ([, call, name]) => {
    await expect((async () => call())()).rejects.toThrow(`has no option '${name}'. Its options are: `);
    await expect((async () => call())()).rejects.toThrow(TypeError);
  });
});

test.for([-1, 0.5, Number.NaN, 2 ** 53, "5"])("a step of %s is refused", async (step) => {
  await expect(startRun().manager.maybeSave(step as number)).rejects.toThrow(/step must be an integer from 0/);
});

test.for([
  ["no interval", { every: {} }, /every must have steps or seconds/],
  ["a prefix with a folder", { prefix: "a/b" }, /prefix must be a name/],
  ["no prefix", { prefix: "" }, /prefix must be a name/],
  ["a negative grace time", { graceMs: -1 }, /graceMs must be at least 0/],
] as const)("the constructor refuses %s", ([, options, message]) => {
  expect(() => startRun(options)).toThrow(message);
});
