import { dataFilename, indexFilename } from "@tfsaver/checkpoint-names";
import { updateCheckpointState } from "@tfsaver/checkpoint-state";
import { ResourceExhaustedError, toTensor } from "@tfsaver/core";
import { Graph, identity, Variable, withDefaultGraph } from "@tfsaver/graph";
import { exportMetaGraph, writeMetaGraph } from "@tfsaver/meta-graph";
import { MemoryStorage, readFile, type Storage, writeFileAtomically } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { FaultyStorage, InterceptedStorage, type StorageOperation } from "@tfsaver/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { filesIn, putFile } from "../../../../fixtures/storage-files.js";
import { tfckpt } from "../run-cli.js";

/** Every command that writes, each with a call that succeeds. */
const COMMANDS = {
  edit: ["edit", "run/m-1", "run/new", "--drop", "a"],
  average: ["average", "run/m-1", "run/m-2", "run/new"],
  "convert to V1": ["convert", "run/m-1", "run/new", "--version", "v1"],
  "convert to V2": ["convert", "run/m-1", "run/new", "--shards", "2"],
  "convert to safetensors": ["convert", "run/m-1", "run/new.safetensors", "--shards", "2"],
  "convert to npz": ["convert", "run/m-1", "run/new.npz"],
  "convert to TensorFlow.js": ["convert", "run/m-1", "run/model.json"],
  freeze: ["freeze", "run/m-1.meta", "run/new.pb", "--outputs", "out"],
  prune: ["prune", "run", "--keep-latest", "1", "--yes"],
} as const;

const names = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[];

async function files(storage: Storage): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of await filesIn(storage, "run")) {
    found[name] = Buffer.from(await readFile(storage, `run/${name}`)).toString("latin1");
  }
  return found;
}

/** A folder with two checkpoints, the first with its meta graph. */
async function folder(): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  await storage.createDirectory("run");
  const graph = new Graph();
  withDefaultGraph(graph, () => {
    for (const name of ["a", "b"]) {
      const v = Variable.create(new Float32Array(1000), { name });
      if (name === "b") identity(v.value(), { name: "out" });
    }
  });
  await writeMetaGraph("run/m-1.meta", exportMetaGraph({ graph }), { storage });
  for (const prefix of ["run/m-1", "run/m-2"]) {
    const writer = new BundleWriter(prefix, { storage });
    for (const name of ["a", "b", "c"]) await writer.add(name, toTensor(new Float32Array(1000).fill(1)));
    await writer.finish();
  }
  const allModelCheckpointPaths = ["run/m-1", "run/m-2"];
  await updateCheckpointState("run", "run/m-2", { storage, allModelCheckpointPaths });
  return storage;
}

let storage: MemoryStorage;
let before: Record<string, string>;
beforeEach(async () => {
  storage = await folder();
  before = await files(storage);
});

/** Checks that a call fails with one line first and a code, and changes no file. */
async function expectRefused(args: readonly string[], code: number, message: string | RegExp): Promise<void> {
  const found = await tfckpt(args, { storage });
  expect([found.code, found.stderr]).toEqual([code, expect.stringMatching(/^tfckpt: .*\n/)]);
  expect(found.stderr).toMatch(message);
  expect(await files(storage)).toEqual(before);
}

describe.each(names)("tfckpt %s", (command) => {
  const args = COMMANDS[command];

  it("leaves nothing when the disk is full, at every write", async () => {
    const isWrite = ({ kind, path }: StorageOperation) => kind === "write" && !path.endsWith(".saving");
    let writes = 0;
    const counting = new FaultyStorage(await folder(), { fail: (operation) => isWrite(operation) && ++writes < 0 });
    expect(await tfckpt(args, { storage: counting })).toMatchObject({ code: 0 });
    expect(writes).toBeGreaterThan(0);
    for (let failAt = 1; failAt <= writes; failAt++) {
      let count = 0;
      const fail = (operation: StorageOperation) => isWrite(operation) && ++count >= failAt;
      const error = new ResourceExhaustedError("No space left on device");
      const { code, stderr } = await tfckpt(args, { storage: new FaultyStorage(storage, { fail, error }) });
      expect([code, stderr]).toEqual([1, "tfckpt: No space left on device\n"]);
      expect(await files(storage)).toEqual(before);
    }
  });

  it("writes nothing in a dry run", async () => {
    expect(await tfckpt([...args, "--dry-run"], { storage })).toMatchObject({ code: 0, stderr: "" });
    expect(await files(storage)).toEqual(before);
  });

  it.runIf(command !== "prune")("leaves nothing when the source is damaged, and says which file it is", async () => {
    const path = dataFilename("run/m-1", 0, 1);
    const bytes = await readFile(storage, path);
    bytes[5000] = 0xff;
    await writeFileAtomically(storage, path, bytes);
    before = await files(storage);
    const { code, stderr } = await tfckpt(args, { storage });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^tfckpt: .*m-1\.data-00000-of-00001/)]);
    expect(await files(storage)).toEqual(before);
  });
});

describe("no command writes over what it reads:", () => {
  const index = indexFilename("run/m-1");
  const data = dataFilename("run/m-1", 0, 1);

  it.each([
    ["edit", ["edit", "run/m-1", "run/../run/m-1", "--drop", "a"], "exists already"],
    ["average", ["average", "run/m-1", "run/m-2", "run/./m-2"], "is one of the checkpoints"],
    ["convert to V1", ["convert", "run/m-1", "run/m-1", "--version", "v1", "--force"], "is the source itself"],
    [
      "convert to safetensors, an index",
      ["convert", "run/m-1", index, "--to", "safetensors", "--force"],
      "is the source",
    ],
    ["convert to npz, data", ["convert", "run/m-1", data, "--to", "npz", "--force"], "is the source itself"],
    [
      "freeze, the graph",
      ["freeze", "run/m-1.meta", "run/m-1.meta", "--outputs", "out", "--force"],
      "is the source itself",
    ],
    ["freeze, the state file", ["freeze", "run/m-1", "run/checkpoint", "--outputs", "out", "--force"], "belongs to it"],
    ["convert to npz, the graph", ["convert", "run/m-1", "run/m-1.meta", "--to", "npz", "--force"], "belongs to it"],
    ["cat, an index", ["cat", "run/m-1", "a", "-o", index], "belongs to the checkpoint that is read"],
    ["cat, data", ["cat", "run/m-1", "a", "-o", `run/../${data}`], "belongs to the checkpoint that is read"],
    ["cat, the state file", ["cat", "run/m-1", "a", "-o", "run/checkpoint"], "belongs to the checkpoint that is read"],
    ["freeze, an index", ["freeze", "run/m-1.meta", index, "--outputs", "out", "--force"], "is the source itself"],
    [
      "freeze, data",
      ["freeze", "run/m-1.meta", `run/../${data}`, "--outputs", "out", "--force"],
      "is the source itself",
    ],
  ])("%s", async (_, args, message) => {
    await expectRefused(args, 2, message);
  });

  it.each(["v1", "v2"])("convert of a file of another format to %s", async (version) => {
    await tfckpt(["convert", "run/m-1", "run/x.safetensors"], { storage });
    before = await files(storage);
    const args = ["convert", "run/x.safetensors", "run/x.safetensors", "--version", version, "--force"];
    await expectRefused(args, 2, "is the source itself");
  });

  it("convert to shards, one of which is the source", async () => {
    await tfckpt(["convert", "run/m-1", "run/x.safetensors", "--shards", "2"], { storage });
    before = await files(storage);
    const args = ["convert", "run/x.safetensors.index.json", "run/x.safetensors", "--shards", "2", "--force"];
    await expectRefused(args, 2, "is the source itself");
  });

  it("convert with a map of names", async () => {
    await putFile(storage, "map.json", '{"rules": [{"from": "(.*)", "to": "x/$1"}]}');
    const args = ["convert", "run/m-1", "run/m-1", "--map", "map.json", "--force"];
    await expectRefused(args, 2, "is the source itself");
    await expectRefused([...args.slice(0, 2), index, "--to", "npz", ...args.slice(3)], 2, "is the source itself");
  });

  it("convert of V1 in shards", async () => {
    await tfckpt(["convert", "run/m-1", "run/v1", "--version", "v1", "--shards", "2"], { storage });
    before = await files(storage);
    const [shard = ""] = Object.keys(before).filter((name) => name.startsWith("v1-"));
    const pattern = "run/v1-?????-of-00002";
    await expectRefused(["convert", pattern, "run/v1", "--version", "v1", "--force"], 2, "is the source itself");
    await expectRefused(["convert", pattern, `run/${shard}`, "--to", "npz", "--force"], 2, "is the source itself");
  });
});

describe("names that are wrong end a command with one line and no file:", () => {
  it.each([
    ["edit, an unknown one", ["edit", "run/m-1", "run/new", "--drop", "d"], 3, "d"],
    ["edit, a pattern of none", ["edit", "run/m-1", "run/new", "--keep", "x*"], 3, "x\\*"],
    ["edit, nothing left", ["edit", "run/m-1", "run/new", "--drop", "*"], 2, "[Nn]othing"],
    ["edit, two that become one", ["edit", "run/m-1", "run/new", "--rename", "s/[ab]/x/"], 2, "both become x"],
    ["average, an unknown one", ["average", "run/m-1", "run/m-2", "run/new", "--match", "d"], 3, "d not found"],
    ["average, a pattern of none", ["average", "run/m-1", "run/m-2", "run/new", "--match", "x*"], 3, "x\\*"],
    ["freeze, an unknown one", ["freeze", "run/m-1.meta", "run/new.pb", "--outputs", "outt"], 3, "did you mean out\\?"],
    ["freeze, no number of an output", ["freeze", "run/m-1.meta", "run/new.pb", "--outputs", "out:2"], 3, "out:2"],
    ["freeze, none", ["freeze", "run/m-1.meta", "run/new.pb", "--outputs", ","], 2, "--outputs takes names"],
    ["convert, a source that is missing", ["convert", "run/m-3", "run/new.npz"], 3, "run/m-3"],
    ["prune, a folder that is missing", ["prune", "none", "--keep-latest", "1", "--yes"], 3, "none"],
  ] as const)("%s", async (_, args, code, message) => {
    await expectRefused(args, code, new RegExp(message));
  });

  it.each([
    ["for which there is no rule", '{"rules": [{"from": "a", "to": "x"}]}', "b"],
    ["that become one", '{"rules": [{"from": ".*", "to": "x"}]}', "x"],
  ])("convert, a map with names %s", async (_, map, message) => {
    await putFile(storage, "map.json", map);
    for (const destination of ["run/new", "run/new.safetensors"]) {
      await expectRefused(["convert", "run/m-1", destination, "--map", "map.json"], 2, message);
    }
  });

  it("prune, no checkpoint: nothing is removed, and that is no error", async () => {
    await storage.createDirectory("empty");
    const found = await tfckpt(["prune", "empty", "--keep-latest", "1", "--yes"], { storage });
    expect(found).toMatchObject({ code: 0, stdout: "0 checkpoints of 0 removed\n", stderr: "" });
  });

  it("prune, an unknown metric: all checkpoints stay", async () => {
    const found = await tfckpt(["prune", "run", "--best", "none", "--yes"], { storage });
    expect(found.stdout).toContain("0 checkpoints of 2 removed");
    expect(await files(storage)).toEqual(before);
  });
});

/** A storage that aborts a signal before one of its operations. */
class Interrupting extends InterceptedStorage {
  readonly controller = new AbortController();
  #left: number;

  constructor(inner: Storage, operations: number) {
    super(inner);
    this.#left = operations;
  }

  protected override intercept<T>(_operation: StorageOperation, run: () => Promise<T>): Promise<T> {
    if (this.#left-- === 0) this.controller.abort(130);
    return run();
  }
}

it("an interrupt of prune at any operation leaves whole checkpoints, and a state file that names only those", async () => {
  for (let operations = 0; ; operations++) {
    const inner = await folder();
    const interrupting = new Interrupting(inner, operations);
    const { signal } = interrupting.controller;
    const { code } = await tfckpt(COMMANDS.prune, { storage: interrupting, signal });
    if (!signal.aborted) break;
    if (code !== 0) expect(code).toBe(130);
    const left = Object.keys(await files(inner));
    const isWhole = (prefix: string) =>
      left.filter((name) => name.startsWith(`${prefix}.`) && !name.endsWith(".meta")).length;
    expect(isWhole("m-2")).toBe(2);
    expect([0, 2]).toContain(isWhole("m-1"));
    if (isWhole("m-1") === 0) {
      expect(Buffer.from(await readFile(inner, "run/checkpoint")).toString()).not.toContain("m-1");
    }
  }
});

describe.each(["edit", "average", "convert"] as const)("%s writes to a prefix:", (command) => {
  const args = {
    edit: ["edit", "run", "NEW", "--drop", "a"],
    average: ["average", "run", "--last", "2", "NEW"],
    convert: ["convert", "run", "NEW"],
  }[command];

  it.each([
    ["a folder, even that of the source", "run", "run is a folder: add a file name, such as run/model.ckpt"],
    ["no file name", "run/", "'run/' has no file name"],
    ["an index", "run/new.index", "run/new.index is a name of a checkpoint's file: give its prefix, run/new"],
    ["data", "run/new.data-00000-of-00001", "give its prefix, run/new"],
    ["a graph", "run/new.meta", "give its prefix, run/new"],
  ])("%s is none", async (_, destination, message) => {
    for (const dryRun of [[], ["--dry-run"]]) {
      const typed = [...args.map((arg) => arg.replace("NEW", destination)), ...dryRun];
      await expectRefused(typed, 2, message);
    }
    expect((await storage.list(".")).map(({ name }) => name)).toEqual(["run"]);
  });
});

it("of two that write one file at once, without --force one fails", async () => {
  class Meanwhile extends InterceptedStorage {
    #isDone = false;
    protected override async intercept<T>({ kind, path }: StorageOperation, run: () => Promise<T>): Promise<T> {
      if (kind === "write" && /new/.test(path) && !this.#isDone) {
        this.#isDone = true;
        await putFile(storage, "run/new.safetensors", "of another");
      }
      return run();
    }
  }
  const { code, stderr } = await tfckpt(COMMANDS["convert to safetensors"].slice(0, 3), {
    storage: new Meanwhile(storage),
  });
  expect([code, stderr]).toEqual([2, expect.stringContaining("run/new.safetensors exists already")]);
  expect(await files(storage)).toEqual({ ...before, "new.safetensors": "of another" });
});
