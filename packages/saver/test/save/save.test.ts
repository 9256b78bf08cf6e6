import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { PermissionDeniedError, toTensor } from "@tfsaver/core";
import { Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { beforeEach, describe, expect, it } from "vitest";
import { textOf } from "../../../../fixtures/storage-files.js";
import { errorOf, filesIn, smallModel } from "../model.js";

const checkpointFiles = (...prefixes: string[]) =>
  prefixes.flatMap((prefix) => [`${prefix}.data-00000-of-00001`, `${prefix}.index`, `${prefix}.meta`]);

const stateOf = (storage: MemoryStorage, path = "checkpoint") => textOf(storage, path);

describe("save", () => {
  it.each([
    [5, false, "m-5"],
    [5, true, "m-00000005"],
    [-3, false, "m--3"],
    [-3, true, "m--0000003"],
    [123456789, true, "m-123456789"],
    [7n, false, "m-7"],
    [true, false, "m-1"],
  ])("names the checkpoint of step %s (padded: %s) %s", async (globalStep, padStepNumber, wanted) => {
    const { saver, session } = await smallModel({ padStepNumber });
    expect(await saver.save(session, "m", { globalStep })).toBe(wanted);
  });

  it("takes the step from a tensor, its name or a variable", async () => {
    const { saver, session, b } = await smallModel();
    expect(await saver.save(session, "m", { globalStep: "b:0" })).toBe("m-3");
    expect(await saver.save(session, "n", { globalStep: b })).toBe("n-3");
    expect(await saver.save(session, "o", { globalStep: b.snapshot })).toBe("o-3");
    expect(await errorOf(() => saver.save(session, "m", { globalStep: "b" }))).toBeInstanceOf(TypeError);
    expect(await errorOf(() => saver.save(session, "m", { globalStep: 1.5 }))).toBeInstanceOf(TypeError);
  });

  it("writes data, index, state and meta graph, and nothing else", async () => {
    const { saver, session, storage } = await smallModel();
    expect(await saver.save(session, "m")).toBe("m");
    expect(await filesIn(storage)).toEqual(["checkpoint", ...checkpointFiles("m")].sort());
    expect(await latestCheckpoint(".", { storage })).toBe("./m");
  });

  it("leaves out state or meta graph when asked, and names them as asked", async () => {
    const { saver, session, storage } = await smallModel();
    await saver.save(session, "m", { writeMetaGraph: false, writeState: false });
    expect(await filesIn(storage)).toEqual(["m.data-00000-of-00001", "m.index"]);
    expect(saver.lastCheckpoints).toEqual([]);
    await saver.save(session, "m", { metaGraphSuffix: "graph", latestFilename: "newest" });
    expect(await filesIn(storage)).toEqual(["m.data-00000-of-00001", "m.graph", "m.index", "newest"]);
  });

  it("adds nothing to the graph, so that it works on a finalized one", async () => {
    const { saver, session, graph } = await smallModel();
    const size = graph.size;
    graph.finalize();
    for (let step = 0; step < 10; step++) await saver.save(session, "m", { globalStep: step });
    await saver.restore(session, "m-9");
    expect(graph.size).toBe(size);
  });

  it("makes one missing folder, and refuses when two are missing", async () => {
    const { saver, session, storage } = await smallModel();
    expect(await saver.save(session, "one/m")).toBe("one/m");
    const error = await errorOf(() => saver.save(session, "one/two/three/m"));
    expect(error).toMatchObject({
      kind: "ValueError",
      message: "Parent directory of one/two/three/m doesn't exist, can't save.",
    });
    expect(await filesIn(storage, "one")).toEqual(["checkpoint", ...checkpointFiles("m")].sort());
    expect(saver.lastCheckpoints).toEqual(["one/m"]);
  });

  it("refuses when the parent is a file", async () => {
    const { saver, session, storage } = await smallModel();
    await (await storage.create("file")).close();
    const error = await errorOf(() => saver.save(session, "file/m"));
    expect(error.message).toBe("Parent directory of file/m doesn't exist, can't save.");
    expect(await filesIn(storage)).toEqual(["file"]);
  });

  it.each([
    [false, "Attempting to use uninitialized value a"],
    [true, "Could not find variable a"],
  ])("names an uninitialized variable (resource: %s) and writes nothing", async (useResource, text) => {
    const { saver, graph, storage } = await smallModel({ useResource });
    const error = await errorOf(() => saver.save(new LocalSession(graph, { storage }), "m"));
    expect(error).toMatchObject({ kind: "FailedPreconditionError", message: expect.stringContaining(text) });
    expect(await filesIn(storage)).toEqual([]);
    expect(saver.lastCheckpoints).toEqual([]);
  });

  it("refuses a state file name with a path, and a checkpoint in the place of the state file", async () => {
    const { saver, session, storage } = await smallModel();
    const withPath = await errorOf(() => saver.save(session, "m", { latestFilename: "x/state" }));
    expect(withPath).toMatchObject({ kind: "ValueError" });
    expect(withPath.message).toContain("'latest_filename' must not contain path components");
    const collides = await errorOf(() => saver.save(session, "checkpoint"));
    expect(collides.message).toContain("'latest_filename' collides with 'save_path'");
    expect(await filesIn(storage)).toEqual([]);
    expect(await saver.save(session, "checkpoint", { globalStep: 1 })).toBe("checkpoint-1");
  });

  it("refuses what is no session and what is no path", async () => {
    const { saver, session } = await smallModel();
    const noSession = await errorOf(() => saver.save({} as never, "m"));
    expect(noSession).toBeInstanceOf(TypeError);
    expect(noSession.message).toContain("'sess' must be a Session");
    expect(await errorOf(() => saver.save(session, new URL("file:///m") as never))).toBeInstanceOf(TypeError);
  });

  it("leaves the old checkpoint and no debris when the folder can't be written", async () => {
    const storage = new MemoryStorage();
    const { saver, session } = await smallModel({ storage });
    await saver.save(session, "m", { globalStep: 1 });
    const before = await filesIn(storage);
    const state = await stateOf(storage);
    const create = storage.create.bind(storage);
    storage.create = async (path) => {
      throw new PermissionDeniedError(`${path}; Permission denied`, { path });
    };
    const error = await errorOf(() => saver.save(session, "m", { globalStep: 2 }));
    storage.create = create;
    expect(error).toMatchObject({ kind: "PermissionDeniedError", path: expect.stringContaining("m-2.data") });
    expect(await filesIn(storage)).toEqual(before);
    expect(await stateOf(storage)).toBe(state);
    expect(saver.lastCheckpoints).toEqual(["m-1"]);
  });

  it("stops at once when it is cancelled, and leaves nothing", async () => {
    const { saver, session, storage } = await smallModel();
    const error = await errorOf(() => saver.save(session, "m", { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ kind: "CancelledError" });
    expect(await filesIn(storage)).toEqual([]);
  });

  it("tells how far it has come", async () => {
    const { saver, session } = await smallModel();
    const seen: string[] = [];
    const onProgress = ({ done, total, tensor }: { done: number; total: number; tensor: string }) =>
      seen.push(`${tensor} ${done}/${total}`);
    await saver.save(session, "m", { onProgress });
    expect(seen).toEqual(["a 8/12", "b 12/12"]);
  });
});

describe("the checkpoints that are kept", () => {
  let model: Awaited<ReturnType<typeof smallModel>>;
  beforeEach(async () => {
    model = await smallModel({ maxToKeep: 2 });
  });

  it("are the newest, in files, list and state file", async () => {
    const { saver, session, storage } = model;
    for (const step of [1, 2, 3]) await saver.save(session, "m", { globalStep: step });
    expect(saver.lastCheckpoints).toEqual(["m-2", "m-3"]);
    expect(await filesIn(storage)).toEqual(["checkpoint", ...checkpointFiles("m-2", "m-3")].sort());
    expect(await stateOf(storage as MemoryStorage)).toBe(
      'model_checkpoint_path: "m-3"\nall_model_checkpoint_paths: "m-2"\nall_model_checkpoint_paths: "m-3"\n',
    );
  });

  it("keep their number when one is saved again, which makes it the newest", async () => {
    const { saver, session } = model;
    for (const step of [1, 2, 3, 2]) await saver.save(session, "m", { globalStep: step });
    expect(saver.lastCheckpoints).toEqual(["m-3", "m-2"]);
  });

  it.each([null, 0])("are all on disk with maxToKeep %s, where the state names the newest only", async (maxToKeep) => {
    const { saver, session, storage } = await smallModel({ maxToKeep });
    for (const step of [1, 2]) await saver.save(session, "m", { globalStep: step });
    expect(saver.lastCheckpoints).toEqual([]);
    expect(await filesIn(storage)).toEqual(["checkpoint", ...checkpointFiles("m-1", "m-2")].sort());
    expect(await stateOf(storage as MemoryStorage)).toBe(
      'model_checkpoint_path: "m-2"\nall_model_checkpoint_paths: "m-2"\n',
    );
  });

  it("are told of with the reason", async () => {
    const told: string[] = [];
    const { graph, storage } = model;
    const saver = new Saver({
      graph,
      storage,
      maxToKeep: 1,
      onRetention: ({ checkpoint, action, reason }) => told.push(`${action} ${checkpoint.path}: ${reason}`),
    });
    for (const step of [1, 2]) await saver.save(model.session, "m", { globalStep: step });
    expect(told).toEqual(["delete m-1: maxToKeep is 1 and 1 newer one is kept"]);
  });

  it("include one for every so many hours", async () => {
    let now = 0;
    const { saver, session, storage } = await smallModel({
      maxToKeep: 2,
      keepCheckpointEveryNHours: 1,
      clock: () => now * 1000,
    });
    // The first rows of the behaviour page's table 1.6.
    for (const [step, time] of [0, 3600, 3601, 3700, 7300].entries()) {
      now = time;
      await saver.save(session, "k", { globalStep: step, writeMetaGraph: false });
    }
    const kept = (await filesIn(storage)).filter((name) => name.endsWith(".index"));
    expect(kept).toEqual(["k-2.index", "k-3.index", "k-4.index"]);
    expect(saver.lastCheckpoints).toEqual(["k-3", "k-4"]);
  });

  it("are recovered after a restart, as far as they exist", async () => {
    const { saver, session, graph, storage } = model;
    for (const step of [1, 2]) await saver.save(session, "m", { globalStep: step });
    const restarted = new Saver({ graph, storage, saverDef: saver.asSaverDef() });
    await restarted.recoverLastCheckpoints(["m-0", ...saver.lastCheckpoints]);
    expect(restarted.lastCheckpoints).toEqual(["m-1", "m-2"]);
    await restarted.save(session, "m", { globalStep: 3 });
    expect(restarted.lastCheckpoints).toEqual(["m-2", "m-3"]);
  });

  it("can be set, and then are never removed", async () => {
    const { saver, session, storage } = model;
    for (const step of [1, 2]) await saver.save(session, "m", { globalStep: step });
    saver.setLastCheckpoints(["m-1", "m-2"]);
    await saver.save(session, "m", { globalStep: 3 });
    expect(await storage.stat("m-1.index")).toMatchObject({ kind: "file" });
    expect(await errorOf(() => saver.setLastCheckpoints("m-1" as never))).toMatchObject({ kind: "AssertionError" });
  });

  it("stay when removing one fails, which is a warning", async () => {
    const { saver, session, storage, warnings } = model;
    (storage as MemoryStorage).remove = async (path) => {
      throw new PermissionDeniedError(`${path}; Permission denied`, { path });
    };
    for (const step of [1, 2, 3]) await saver.save(session, "m", { globalStep: step });
    // The locks, too, stay until a next save of the same path.
    expect(warnings.filter((text) => !text.includes(".saving"))).toEqual(["Ignoring: m-1.meta; Permission denied"]);
    expect(saver.lastCheckpoints).toEqual(["m-2", "m-3"]);
  });

  it("survive moving the folder with saveRelativePaths", async () => {
    const storage = new MemoryStorage();
    await storage.createDirectory("/run");
    const { saver, session } = await smallModel({ storage, saveRelativePaths: true });
    await saver.save(session, "/run/m", { globalStep: 1 });
    await storage.createDirectory("/moved");
    for (const name of await filesIn(storage, "/run")) await storage.rename(`/run/${name}`, `/moved/${name}`);
    expect(await latestCheckpoint("/moved", { storage })).toBe("/moved/m-1");
  });
});

it("a second saver of some variables saves those", async () => {
  const { graph, session, storage, a } = await smallModel();
  const other = Variable.create(toTensor([5n, 6n]), { graph, name: "other" });
  await session.run(other.initializer);
  const saver = new Saver({ graph, storage, varList: { renamed: a, other } });
  await saver.save(session, "part");
  const { listVariables } = await import("@tfsaver/checkpoint-reader");
  expect((await listVariables("part", { storage })).map(({ name, dtype }) => `${name} ${dtype}`)).toEqual([
    "other int64",
    "renamed float32",
  ]);
});

describe("a checkpoint that the saver can't see", () => {
  it("is an error before the state file names it, unless that is asked for", async () => {
    const { graph, session, storage } = await smallModel();
    const elsewhere = new MemoryStorage();
    const saver = new Saver({ graph, storage: elsewhere });
    const error = await errorOf(() => saver.save(session, "m"));
    expect(error).toMatchObject({ kind: "RuntimeError", path: "m", message: expect.stringContaining("can't see it") });
    expect(await filesIn(elsewhere)).toEqual([]);
    expect(saver.lastCheckpoints).toEqual([]);
    expect(await storage.stat("m.index")).toMatchObject({ kind: "file" });
    const trusting = new Saver({ graph, storage: elsewhere, checkWritten: false });
    expect(await trusting.save(session, "m")).toBe("m");
    expect(await filesIn(elsewhere)).toEqual(["checkpoint", "m.meta"]);
  });
});
