import { DeadlineExceededError, PermissionDeniedError, UnavailableError } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { anyOf as keepAnyOf, keepBest, keepLatest } from "@tfsaver/retention";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
import { HttpStorage } from "@tfsaver/storage/http";
import { FaultyStorage } from "@tfsaver/testing";
import { describe, expect, test, vi } from "vitest";
import { CheckpointManager } from "../src/index.js";
import { saveSteps, startRun, truncate } from "./model.js";

const DATA = ".data-00000-of-00001";

describe("a restart", () => {
  test("goes on from the newest checkpoint, and does not call init", async () => {
    const first = startRun();
    await saveSteps(first, [10, 20]);
    const { manager, get } = startRun({ storage: first.storage });
    const init = vi.fn();
    expect(await manager.restoreOrInitialize({ init })).toEqual({
      path: "run/model.ckpt-20",
      step: 20,
      passedOver: [],
    });
    expect(await get()).toBe(20);
    expect(init).not.toHaveBeenCalled();
  });

  test("knows what was there before the first save, with steps, times, metrics and reasons", async () => {
    const saverOptions = () => ({
      retention: keepAnyOf(keepLatest(1), keepBest({ metric: "loss", n: 1, mode: "min" })),
      clock: () => 5000,
    });
    const first = startRun({ saverOptions: saverOptions() });
    await saveSteps(first, [1, 2, 3], (step) => [0, 0.5, 0.1, 0.3][step] as number);
    const { manager } = startRun({ storage: first.storage, saverOptions: saverOptions() });
    expect(await manager.latest).toBe("run/model.ckpt-3");
    expect(await manager.best()).toMatchObject({ path: "run/model.ckpt-2", metrics: { loss: 0.1 } });
    expect(await manager.list()).toEqual([
      { path: "run/model.ckpt-2", step: 2, time: 5, metrics: { loss: 0.1 }, reason: "its loss 0.1 is the best" },
      { path: "run/model.ckpt-3", step: 3, time: 5, metrics: { loss: 0.3 }, reason: "the newest" },
    ]);
  });

  test("keeps as many checkpoints as before, with TensorFlow's retention", async () => {
    const first = startRun({ saverOptions: { maxToKeep: 2 } });
    await saveSteps(first, [10, 20]);
    const { manager } = startRun({ storage: first.storage, saverOptions: { maxToKeep: 2 } });
    await manager.restoreOrInitialize();
    await manager.save(30);
    const paths = (await manager.list()).map(({ path, reason }) => `${path}: ${reason}`);
    expect(paths).toEqual(["run/model.ckpt-20: maxToKeep is 2", "run/model.ckpt-30: maxToKeep is 2"]);
    expect(await first.storage.stat("run/model.ckpt-10.index")).toBeUndefined();
  });

  test("counts steps from the restored checkpoint", async () => {
    const first = startRun();
    await saveSteps(first, [25]);
    const { manager } = startRun({ storage: first.storage });
    await manager.restoreOrInitialize();
    expect(await manager.maybeSave(34)).toEqual({ saved: false, reason: "9 of 10 steps since step 25" });
    expect(await manager.maybeSave(35)).toMatchObject({ saved: true, path: "run/model.ckpt-35" });
  });
});

test("a restart goes on in a folder that was moved, or came from another system", async () => {
  const storage = new MemoryStorage();
  await saveSteps(startRun({ storage }), [10, 20]);
  for (const path of [
    "/mnt/old/run/model.ckpt-20",
    "D:\\\\data\\\\run\\\\model.ckpt-20",
    "gs://bucket/run/model.ckpt-20",
  ]) {
    const text = `model_checkpoint_path: "${path}"\nall_model_checkpoint_paths: "${path}"\n`;
    await writeFileAtomically(storage, "run/checkpoint", new TextEncoder().encode(text));
    const start = await startRun({ storage }).manager.restoreOrInitialize();
    expect(start, path).toEqual({ path: "run/model.ckpt-20", step: 20, passedOver: [] });
  }
});

describe("a damaged newest checkpoint", () => {
  test.for([
    ["truncated data", (s: MemoryStorage) => truncate(s, `run/model.ckpt-20${DATA}`)],
    ["missing data", (s: MemoryStorage) => s.remove(`run/model.ckpt-20${DATA}`)],
    ["a truncated index", (s: MemoryStorage) => truncate(s, "run/model.ckpt-20.index")],
    ["a missing index", (s: MemoryStorage) => s.remove("run/model.ckpt-20.index")],
    [
      "another kind of file",
      (s: MemoryStorage) => writeFileAtomically(s, "run/model.ckpt-20.index", new Uint8Array(9)),
    ],
  ] as const)("is passed over with a report: %s", async ([, damage]) => {
    const storage = new MemoryStorage();
    await saveSteps(startRun({ storage }), [10, 20]);
    await damage(storage);
    const { manager, get, warnings } = startRun({ storage });
    const start = await manager.restoreOrInitialize({ init: () => Promise.reject(new Error("init was called")) });
    expect(start).toMatchObject({ path: "run/model.ckpt-10", step: 10, passedOver: [{ path: "run/model.ckpt-20" }] });
    expect(await get()).toBe(10);
    expect(warnings.join()).toContain("GOING ON FROM AN OLDER CHECKPOINT");
  });

  test("does not push the good one out of the list, and its files stay", async () => {
    const storage = new MemoryStorage();
    const saverOptions = () => ({ retention: keepLatest(2) });
    await saveSteps(startRun({ storage, saverOptions: saverOptions() }), [10, 20]);
    await truncate(storage, `run/model.ckpt-20${DATA}`);
    const { manager } = startRun({ storage, saverOptions: saverOptions() });
    await manager.restoreOrInitialize();
    expect((await manager.list()).map(({ path }) => path)).toEqual(["run/model.ckpt-10"]);
    await manager.save(15);
    expect((await manager.list()).map(({ path }) => path)).toEqual(["run/model.ckpt-10", "run/model.ckpt-15"]);
    expect(await storage.stat(`run/model.ckpt-20${DATA}`)).toBeDefined();
  });
});

describe("if all checkpoints are damaged", () => {
  const damaged = async () => {
    const storage = new MemoryStorage();
    await saveSteps(startRun({ storage }), [10, 20]);
    for (const step of [10, 20]) await truncate(storage, `run/model.ckpt-${step}${DATA}`);
    return storage;
  };

  test("restoring rejects, and names each of them", async () => {
    const init = vi.fn();
    const { manager } = startRun({ storage: await damaged() });
    const restored = manager.restoreOrInitialize({ init });
    await expect(restored).rejects.toMatchObject({ kind: "DataLossError" });
    await expect(restored).rejects.toThrow(/model.ckpt-20: [\s\S]*model.ckpt-10: /);
    expect(init).not.toHaveBeenCalled();
  });

  test("onAllDamaged: init begins anew, with the report", async () => {
    const init = vi.fn();
    const { manager } = startRun({ storage: await damaged() });
    const start = await manager.restoreOrInitialize({ init, onAllDamaged: "init" });
    expect(start).toMatchObject({ path: undefined, step: 0 });
    expect(start.passedOver.map(({ path }) => path)).toEqual(["run/model.ckpt-20", "run/model.ckpt-10"]);
    expect(init).toHaveBeenCalledOnce();
  });
});

describe("a damaged state file", () => {
  test.for([
    ["empty", ""],
    ["not a state", "<html>"],
    ["not UTF-8", "\xff"],
  ])("does not hide the checkpoints: %s", async ([, text]) => {
    const storage = new MemoryStorage();
    await saveSteps(startRun({ storage }), [10, 20]);
    const bytes = Uint8Array.from(text as string, (char) => char.charCodeAt(0));
    await writeFileAtomically(storage, "run/checkpoint", bytes);
    expect(await startRun({ storage }).manager.restoreOrInitialize()).toMatchObject({
      ...{ path: "run/model.ckpt-20", step: 20 },
      passedOver: [{ path: "run/checkpoint" }],
    });
  });

  test("without checkpoints beside it is not taken for an empty folder", async () => {
    const storage = new MemoryStorage();
    await storage.createDirectory("run");
    await writeFileAtomically(storage, "run/checkpoint", new Uint8Array());
    const init = vi.fn();
    await expect(startRun({ storage }).manager.restoreOrInitialize({ init })).rejects.toThrow("run/checkpoint");
    expect(init).not.toHaveBeenCalled();
  });

  test("that is missing leaves the checkpoints of this prefix alone", async () => {
    const storage = new MemoryStorage();
    await saveSteps(startRun({ storage }), [10, 20]);
    await saveSteps(startRun({ storage, prefix: "other" }), [30]);
    await storage.remove("run/checkpoint");
    expect(await startRun({ storage }).manager.restoreOrInitialize()).toMatchObject({ path: "run/model.ckpt-20" });
  });
});

describe("init runs", () => {
  test("if there is no folder", async () => {
    const init = vi.fn();
    expect(await startRun().manager.restoreOrInitialize({ init })).toEqual({
      path: undefined,
      step: 0,
      passedOver: [],
    });
    expect(init).toHaveBeenCalledOnce();
  });

  test("if the folder holds other files, and other programs' checkpoints", async () => {
    const storage = new MemoryStorage();
    await saveSteps(startRun({ storage, prefix: "other" }), [30]);
    await storage.remove("run/checkpoint");
    await writeFileAtomically(storage, "run/notes.txt", new Uint8Array(5));
    const init = vi.fn();
    await startRun({ storage }).manager.restoreOrInitialize({ init });
    expect(init).toHaveBeenCalledOnce();
  });
});

describe("restoring rejects, and does not call init or restore an older checkpoint, if", () => {
  const expectRejection = async (run: { manager: CheckpointManager }, kind: string) => {
    const init = vi.fn();
    await expect(run.manager.restoreOrInitialize({ init, onAllDamaged: "init" })).rejects.toMatchObject({ kind });
    expect(init).not.toHaveBeenCalled();
  };

  test.for([
    ["the storage can't be reached", new UnavailableError("no answer"), ""],
    ["the storage is too slow", new DeadlineExceededError("too late"), "model.ckpt-20"],
    ["a file can't be read", new PermissionDeniedError("not yours"), "model.ckpt-20"],
    ["the state file can't be read", new PermissionDeniedError("not yours"), "checkpoint"],
    ["an index can't be reached", new UnavailableError("no answer"), "model.ckpt-20.index"],
  ] as const)("%s", async ([, error, name]) => {
    const inner = new MemoryStorage();
    await saveSteps(startRun({ storage: inner }), [10, 20]);
    const storage = new FaultyStorage(inner, { fail: ({ path }) => path.includes(name), error });
    await expectRejection(startRun({ storage }), error.kind);
  });

  test("a server is down", async () => {
    const storage = new HttpStorage("http://127.0.0.1:9/");
    await expectRejection(startRun({ storage }), "UnavailableError");
    await expect(startRun({ storage }).manager.latest).rejects.toMatchObject({ kind: "UnavailableError" });
    await expect(startRun({ storage }).manager.list()).rejects.toMatchObject({ kind: "UnavailableError" });
  });

  test("the folder is a file", async () => {
    const storage = new MemoryStorage();
    await writeFileAtomically(storage, "run", new Uint8Array(1));
    await expectRejection(startRun({ storage }), "FailedPreconditionError");
  });

  test.for([
    ["a name", "bias", [0, 0, 0], "NotFoundError"],
    ["a shape", "weights", [0, 0], "InvalidArgumentError"],
  ] as const)("%s does not fit", async ([, name, value, kind]) => {
    const storage = new MemoryStorage();
    await saveSteps(startRun({ storage }), [10, 20]);
    const graph = new Graph();
    Variable.create([...value], { graph, name });
    const [saver, session] = [new Saver({ graph, storage }), new LocalSession(graph, { storage })];
    await expectRejection(
      { manager: new CheckpointManager({ saver, session, directory: "run", storage, every: { steps: 1 } }) },
      kind,
    );
  });

  test("it is cancelled", async () => {
    const storage = new MemoryStorage();
    await saveSteps(startRun({ storage }), [10]);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(startRun({ storage }).manager.restoreOrInitialize({ signal })).rejects.toThrow();
  });

  test("an option is misspelled", async () => {
    const onAllDamaged = "initialize" as "init";
    await expect(startRun().manager.restoreOrInitialize({ onAllDamaged })).rejects.toThrow(/onAllDamaged must be/);
  });
});

test("leftovers that can't be removed do not stop the training", async () => {
  let isDown = false;
  const inner = new MemoryStorage();
  await inner.createDirectory("run");
  const storage = new FaultyStorage(inner, {
    fail: ({ kind }) => isDown && kind === "list",
    error: new PermissionDeniedError("not yours"),
  });
  const { manager, warnings } = startRun({ storage });
  const init = () => {
    isDown = true;
  };
  expect(await manager.restoreOrInitialize({ init })).toMatchObject({ step: 0 });
  expect(warnings.join()).toMatch(/run keeps what interrupted saves left there, .*not yours/);
});
