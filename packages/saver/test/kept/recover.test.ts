import { updateCheckpointState } from "@tfsaver/checkpoint-state";
import { UnavailableError } from "@tfsaver/core";
import { anyOf, keepAll, keepBest, keepLatest } from "@tfsaver/retention";
import { MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
import { CountingStorage, FaultyStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { putFile, textOf } from "../../../../fixtures/storage-files.js";
import { errorOf, filesIn, smallModel } from "../model.js";

const best = () => keepBest({ metric: "loss", n: 2, mode: "min" });
describe("recover", () => {
  it("goes on with the list of the state file, and lets go of what an earlier saver kept", async () => {
    const storage = new MemoryStorage();
    const before = await smallModel({ storage, maxToKeep: 2 });
    for (const globalStep of [1, 2]) await before.saver.save(before.session, "m", { globalStep });
    const { saver, session } = await smallModel({ storage, maxToKeep: 2, recover: true });
    await saver.save(session, "m", { globalStep: 3 });
    expect(saver.lastCheckpoints).toEqual(["m-2", "m-3"]);
    expect(await storage.stat("m-1.index")).toBeUndefined();
    // Without it, m-1 stays for ever, as in TensorFlow.
    const other = await smallModel({ storage, maxToKeep: 2 });
    await other.saver.save(other.session, "m", { globalStep: 4 });
    expect(other.saver.lastCheckpoints).toEqual(["m-4"]);
  });

  it("passes over what is gone, and leaves alone what lies elsewhere", async () => {
    const storage = new MemoryStorage();
    const before = await smallModel({ storage });
    await storage.createDirectory("run");
    await storage.createDirectory("other");
    for (const path of ["run/m-1", "run/m-2", "other/m-9"]) await before.saver.save(before.session, path);
    await storage.remove("run/m-1.index");
    await updateCheckpointState("run", "run/m-2", {
      allModelCheckpointPaths: ["../other/m-9", "m-1", "run/m-2"],
      storage,
    });
    const { saver, session } = await smallModel({ storage, maxToKeep: 1, recover: true });
    await saver.save(session, "run/m", { globalStep: 3 });
    expect(saver.lastCheckpoints).toEqual(["run/m-3"]);
    expect(await storage.stat("run/m-2.index")).toBeUndefined();
    expect(await storage.stat("other/m-9.index")).toMatchObject({ kind: "file" });
  });

  it("finds the checkpoints of a folder that was moved", async () => {
    const storage = new MemoryStorage();
    await storage.createDirectory("new");
    const before = await smallModel({ storage });
    await before.saver.save(before.session, "new/m", { globalStep: 1 });
    await updateCheckpointState("new", "/old/m-1", { storage });
    const { saver, session } = await smallModel({ storage, recover: true });
    await saver.save(session, "new/m", { globalStep: 2 });
    expect(saver.lastCheckpoints).toEqual(["new/m-1", "new/m-2"]);
  });

  it("does not take the place of what was set by hand", async () => {
    const storage = new MemoryStorage();
    const before = await smallModel({ storage });
    await before.saver.save(before.session, "m", { globalStep: 1 });
    const { saver, session } = await smallModel({ storage, recover: true });
    saver.setLastCheckpointsWithTime([["x", 5]]);
    await saver.save(session, "m", { globalStep: 2 });
    expect(saver.lastCheckpoints).toEqual(["x", "m-2"]);
  });

  it.each([
    ["empty", new Uint8Array()],
    ["no text", Uint8Array.of(0xff)],
  ])("goes on without a state file that is %s, as after a crash, and writes it anew", async (_, bytes) => {
    const storage = new MemoryStorage();
    await writeFileAtomically(storage, "checkpoint", bytes);
    const { saver, session, warnings } = await smallModel({ storage, recover: true });
    for (const globalStep of [1, 2]) await saver.save(session, "m", { globalStep });
    expect(saver.lastCheckpoints).toEqual(["m-1", "m-2"]);
    expect(warnings).toEqual([expect.stringContaining("No earlier checkpoints are recovered")]);
    expect(await textOf(storage, "checkpoint")).toContain('model_checkpoint_path: "m-2"');
  });

  it("has nothing to go on with where all are kept and none is listed", async () => {
    const storage = new MemoryStorage();
    const before = await smallModel({ storage });
    await before.saver.save(before.session, "m", { globalStep: 1 });
    const { saver, session } = await smallModel({ storage, maxToKeep: 0, recover: true });
    for (const globalStep of [2, 3]) await saver.save(session, "m", { globalStep });
    expect(await textOf(storage, "checkpoint")).toBe(
      'model_checkpoint_path: "m-3"\nall_model_checkpoint_paths: "m-3"\n',
    );
  });

  it("begins with nothing where there is no state", async () => {
    const { saver, session } = await smallModel({ recover: true });
    await saver.save(session, "m", { globalStep: 1 });
    expect(saver.lastCheckpoints).toEqual(["m-1"]);
  });
});

describe("metrics", () => {
  it("decide what is kept, and outlive a restart", async () => {
    const storage = new MemoryStorage();
    const before = await smallModel({ storage, retention: best() });
    for (const [globalStep, loss] of [
      [1, 0.1],
      [2, 0.9],
      [3, 0.2],
    ] as const) {
      await before.saver.save(before.session, "m", { globalStep, metrics: { loss } });
    }
    expect(before.saver.lastCheckpoints).toEqual(["m-1", "m-3"]);
    const { saver, session } = await smallModel({ storage, retention: best(), recover: true });
    await saver.save(session, "m", { globalStep: 4, metrics: { loss: 0.8 } });
    await saver.save(session, "m", { globalStep: 5, metrics: { loss: 0.7 } });
    expect(saver.lastCheckpoints).toEqual(["m-1", "m-3", "m-5"]);
    expect((await filesIn(storage)).filter((name) => name.endsWith(".index"))).toEqual([
      "m-1.index",
      "m-3.index",
      "m-5.index",
    ]);
  });

  it("are written with steps beside the state file, numbers that JSON lacks included", async () => {
    const clock = () => 1_700_000_000_500;
    const { saver, session, storage } = await smallModel({ retention: keepAll(), clock });
    await saver.save(session, "m", { globalStep: 1, metrics: { loss: Number.NaN }, latestFilename: "mine" });
    await saver.save(session, "n", { metrics: { best: Number.POSITIVE_INFINITY }, latestFilename: "mine" });
    expect(JSON.parse(await textOf(storage as MemoryStorage, "mine.records.json"))).toEqual({
      checkpoints: [
        { name: "m-1", time: 1_700_000_000.5, step: 1, metrics: { loss: "NaN" } },
        { name: "n", time: 1_700_000_000.5, metrics: { best: "Infinity" } },
      ],
    });
  });

  it("are known of all that the state file names, whichever of the two files a crash leaves", async () => {
    const memory = new MemoryStorage();
    const isState = ({ path = "" }) => path.includes("checkpoint") && !path.includes("records");
    let broken = false;
    const storage = new FaultyStorage(memory, { fail: (operation) => broken && isState(operation) });
    const one = () => keepBest({ metric: "loss", n: 1, mode: "min" });
    const before = await smallModel({ storage, retention: one() });
    await before.saver.save(before.session, "m", { globalStep: 1, metrics: { loss: 0.9 } });
    broken = true;
    await errorOf(() => before.saver.save(before.session, "m", { globalStep: 2, metrics: { loss: 0.1 } }));
    broken = false;
    expect(await textOf(memory, "checkpoint")).toContain('model_checkpoint_path: "m-1"');

    const { saver, session } = await smallModel({ storage: memory, retention: one(), recover: true });
    for (const globalStep of [3, 4]) await saver.save(session, "m", { globalStep, metrics: { loss: 0.5 } });
    // 0.9 was known to be worse than 0.5.
    expect(saver.lastCheckpoints).not.toContain("m-1");
  });

  it("are kept for each folder by itself", async () => {
    const storage = new MemoryStorage();
    for (const folder of ["x", "y"]) await storage.createDirectory(folder);
    const { saver, session } = await smallModel({ storage, retention: keepAll() });
    await saver.save(session, "x/m", { metrics: { loss: 0.1 } });
    await saver.save(session, "y/m", { metrics: { loss: 0.9 } });
    for (const [folder, loss] of [
      ["x", 0.1],
      ["y", 0.9],
    ] as const) {
      const { checkpoints } = JSON.parse(await textOf(storage, `${folder}/checkpoint.records.json`));
      expect(checkpoints).toMatchObject([{ name: "m", metrics: { loss } }]);
    }
  });

  it("must be numbers", async () => {
    const { saver, session, storage } = await smallModel({ retention: best() });
    const error = await errorOf(() => saver.save(session, "m", { metrics: { loss: "0.5" as unknown as number } }));
    expect(error).toBeInstanceOf(TypeError);
    expect(await filesIn(storage)).toEqual([]);
  });

  it("leave TensorFlow's files alone with TensorFlow's policy", async () => {
    const { saver, session, storage } = await smallModel();
    await saver.save(session, "m", { metrics: { loss: 1 } });
    expect(await filesIn(storage)).toEqual(["checkpoint", "m.data-00000-of-00001", "m.index", "m.meta"]);
  });

  it.each(["{", "[]", '{"checkpoints":[{"time":1}]}', '{"checkpoints":[{"name":"m-1","time":"soon"}]}'])(
    "are forgotten with a warning where their file is %s, and nothing is deleted for it",
    async (content) => {
      const storage = new MemoryStorage();
      const before = await smallModel({ storage, retention: best() });
      await before.saver.save(before.session, "m", { globalStep: 1, metrics: { loss: 0.1 } });
      await writeFileAtomically(storage, "checkpoint.records.json", new TextEncoder().encode(content));
      const { saver, session, warnings } = await smallModel({ storage, retention: best(), recover: true });
      for (const globalStep of [2, 3, 4]) await saver.save(session, "m", { globalStep, metrics: { loss: 0.5 } });
      expect(saver.lastCheckpoints).toContain("m-1");
      expect(warnings).toEqual([expect.stringContaining("checkpoint.records.json is ignored")]);
    },
  );
});

it("policies of one's own bring a list down at once, and give their reasons", async () => {
  const storage = new MemoryStorage();
  const before = await smallModel({ storage, retention: keepAll() });
  for (let globalStep = 1; globalStep <= 5; globalStep++) {
    await before.saver.save(before.session, "m", { globalStep, metrics: { loss: globalStep } });
  }
  const told: string[] = [];
  const { saver, session } = await smallModel({
    storage,
    retention: anyOf(keepLatest(2), keepBest({ metric: "loss", n: 1, mode: "min" })),
    recover: true,
    onRetention: ({ checkpoint, action }) => told.push(`${action} ${checkpoint.path}`),
  });
  await saver.save(session, "m", { globalStep: 6, metrics: { loss: 6 } });
  expect(saver.lastCheckpoints).toEqual(["m-1", "m-5", "m-6"]);
  expect(told).toEqual(["delete m-2", "delete m-3", "delete m-4"]);
});

it("a listener that fails stops nothing", async () => {
  const storage = new MemoryStorage();
  const before = await smallModel({ storage, retention: keepAll() });
  for (const globalStep of [1, 2, 3]) await before.saver.save(before.session, "m", { globalStep });
  const { saver, session, warnings } = await smallModel({
    storage,
    retention: keepLatest(1),
    recover: true,
    onRetention: () => {
      throw new Error("no");
    },
  });
  await saver.save(session, "m", { globalStep: 4 });
  expect((await filesIn(storage)).filter((name) => /\.(index|meta)$/.test(name))).toEqual(["m-4.index", "m-4.meta"]);
  expect(warnings).toHaveLength(3);
});

describe("the list of checkpoints", () => {
  it("can be set with times, which decide what is kept every so many hours", async () => {
    const clock = { now: 0 };
    const { saver, session } = await smallModel({
      maxToKeep: 1,
      keepCheckpointEveryNHours: 1,
      clock: () => clock.now,
      onRetention: ({ checkpoint, action }) => told.push(`${action} ${checkpoint.path}`),
    });
    const told: string[] = [];
    saver.setLastCheckpointsWithTime([["old", 3600]]);
    await saver.save(session, "m", { globalStep: 1 });
    saver.setLastCheckpointsWithTime([["late", 3601]]);
    await saver.save(session, "m", { globalStep: 2 });
    expect(told).toEqual(["delete old", "keep late"]);
  });

  it("must be an array, however it is set", async () => {
    const { saver } = await smallModel();
    for (const attempt of [
      () => saver.setLastCheckpoints("folder" as never),
      () => saver.setLastCheckpointsWithTime("folder" as never),
      () => saver.recoverLastCheckpoints("folder" as never),
    ]) {
      expect(await errorOf(attempt)).toMatchObject({ kind: "AssertionError" });
    }
  });
});

describe("a hostile or unreachable folder", () => {
  it("recovers among 200,000 paths by looking once at the folder", async () => {
    const inner = new MemoryStorage();
    await inner.createDirectory("run");
    const names = Array.from({ length: 200_000 }, (_, i) => `all_model_checkpoint_paths: "m-${i}"\n`);
    await putFile(inner, "run/checkpoint", `model_checkpoint_path: "m-7"\n${names.join("")}`);
    for (const step of [7, 8]) await putFile(inner, `run/m-${step}.index`, "x");
    const storage = new CountingStorage(inner);
    const { saver, session } = await smallModel({ storage, recover: true });
    await saver.save(session, "run/m", { globalStep: 9 });
    expect(saver.lastCheckpoints).toEqual(["run/m-7", "run/m-8", "run/m-9"]);
    expect(storage.count()).toBeLessThan(200);
  });

  it("takes no harm from names that no file has", async () => {
    const storage = new MemoryStorage();
    await storage.createDirectory("run");
    await putFile(storage, "run/checkpoint", 'model_checkpoint_path: "m-7"\nall_model_checkpoint_paths: "m\\0-7"\n');
    const { saver, session } = await smallModel({ storage, recover: true });
    expect(await saver.save(session, "run/m", { globalStep: 9 })).toBe("run/m-9");
  });

  it("warns of records that are nested without end, in little memory", async () => {
    const storage = new MemoryStorage();
    await storage.createDirectory("run");
    await putFile(storage, "run/checkpoint", 'model_checkpoint_path: "m-7"\nall_model_checkpoint_paths: "m-7"\n');
    await putFile(storage, "run/checkpoint.records.json", "[".repeat(1_000_000));
    const { saver, session, warnings } = await smallModel({ storage, recover: true, retention: keepLatest(5) });
    await saver.save(session, "run/m", { globalStep: 9 });
    expect(warnings.join()).toContain("nested deeper than 4 levels");
  });

  it("rejects if the state file can't be read, instead of forgetting the checkpoints of the run", async () => {
    const inner = new MemoryStorage();
    await inner.createDirectory("run");
    await putFile(inner, "run/checkpoint", 'model_checkpoint_path: "m-7"\n');
    const error = new UnavailableError("the server does not answer");
    const storage = new FaultyStorage(inner, {
      fail: ({ kind, path }) => kind === "open" && path === "run/checkpoint",
      error,
    });
    const { saver, session } = await smallModel({ storage, recover: true });
    await expect(saver.save(session, "run/m", { globalStep: 9 })).rejects.toMatchObject({ kind: "UnavailableError" });
  });
});

describe("recoverCheckpoints", () => {
  it("shows before the first save what an earlier saver kept, with metrics and reasons", async () => {
    const storage = new MemoryStorage();
    const before = await smallModel({ storage, retention: best() });
    for (const [i, loss] of [0.5, 0.1].entries())
      await before.saver.save(before.session, "m", { globalStep: i + 1, metrics: { loss } });
    const { saver } = await smallModel({ storage, retention: best() });
    expect(saver.keptCheckpoints).toEqual([]);
    await saver.recoverCheckpoints(".");
    expect(saver.keptCheckpoints).toMatchObject([
      { path: "./m-1", step: 1, metrics: { loss: 0.5 }, reason: "its loss 0.5 is among the best 2" },
      { path: "./m-2", step: 2, metrics: { loss: 0.1 }, reason: "its loss 0.1 is among the best 2" },
    ]);
    expect(saver.ranking).toEqual({ metric: "loss", mode: "min" });
  });

  it("rejects if the storage can't be reached, and can be called again", async () => {
    const inner = new MemoryStorage();
    const before = await smallModel({ storage: inner });
    await before.saver.save(before.session, "m", { globalStep: 1 });
    let isDown = true;
    const storage = new FaultyStorage(inner, { fail: () => isDown, error: new UnavailableError("no answer") });
    const { saver } = await smallModel({ storage });
    await expect(saver.recoverCheckpoints(".")).rejects.toMatchObject({ kind: "UnavailableError" });
    isDown = false;
    await saver.recoverCheckpoints(".");
    expect(saver.lastCheckpoints).toEqual(["./m-1"]);
  });

  it("does not bring back what was taken off the list", async () => {
    const storage = new MemoryStorage();
    const before = await smallModel({ storage });
    await storage.createDirectory("run");
    for (const globalStep of [1, 2]) await before.saver.save(before.session, "run/m", { globalStep });
    const { saver, session } = await smallModel({ storage, maxToKeep: 1, recover: true });
    await saver.recoverCheckpoints("run");
    saver.forgetCheckpoints(["run/m-1", "run/m-2"]);
    await saver.save(session, "run/m", { globalStep: 3 });
    expect(saver.lastCheckpoints).toEqual(["run/m-3"]);
    expect(await storage.stat("run/m-2.index")).toBeDefined();
  });
});
