import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dataFilename } from "@tfsaver/checkpoint-names";
import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { toNpy } from "@tfsaver/checkpoint-tools";
import { ResourceExhaustedError, toTensor } from "@tfsaver/core";
import { concatBytes } from "@tfsaver/core/coding";
import { MemoryStorage, readFile, writeFileAtomically } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { FaultyStorage, type StorageOperation } from "@tfsaver/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { filesIn } from "../../../../fixtures/storage-files.js";
import { tfckpt } from "../run-cli.js";

const SOURCE = `${goldensFolder}v2-with-meta`;

let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "tfckpt-edit-"));
});
afterEach(() => rmSync(temporary, { recursive: true }));

const at = (name: string) => join(temporary, name);

function written(name: string, content: string | Uint8Array): string {
  writeFileSync(at(name), content);
  return at(name);
}

async function rowsOf(prefix: string): Promise<{ name: string; dtype: string; shape: number[] }[]> {
  return JSON.parse((await tfckpt(["ls", prefix, "--json"])).stdout);
}

const namesOf = async (prefix: string) => (await rowsOf(prefix)).map(({ name }) => name);

describe("tfckpt edit", () => {
  it("prints the plan, then writes it: several steps in their order", async () => {
    const steps = ["--drop-optimizer", "--rename", "s/^dense1\\//encoder\\//", "--cast", "float64", "--match", "*bias"];
    const { code, stdout } = await tfckpt(["edit", SOURCE, at("new"), ...steps]);
    expect(code).toBe(0);
    expect(stdout.replaceAll(temporary, "")).toBe(
      [
        "- beta1_power",
        "- beta2_power",
        "- dense1/bias/Adam",
        "- dense1/bias/Adam_1",
        "- dense1/kernel/Adam",
        "- dense1/kernel/Adam_1",
        "- dense2/bias/Adam",
        "- dense2/bias/Adam_1",
        "- dense2/kernel/Adam",
        "- dense2/kernel/Adam_1",
        "~ dense2/bias  float32 → float64",
        "~ dense1/bias → encoder/bias  float32 → float64",
        "~ dense1/kernel → encoder/kernel",
        "10 dropped, 3 changed, 2 unchanged: 580 B → 224 B",
        "/new: 5 tensors, 224 B, in 1 shard",
        "",
      ].join("\n"),
    );
    expect(await namesOf(at("new"))).toEqual([
      "dense2/bias",
      "dense2/kernel",
      "encoder/bias",
      "encoder/kernel",
      "global_step",
    ]);
  });

  it("writes nothing in a dry run, and prints the plan as JSON", async () => {
    const { code, stdout } = await tfckpt(["edit", SOURCE, at("new"), "--keep", "global_step", "-n", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      source: `${SOURCE}/model.ckpt-7`,
      destination: at("new"),
      written: false,
      bytes: 8,
      tensors: [{ name: "global_step", dtype: "int64", shape: [], bytes: 8, from: { name: "global_step" } }],
    });
    expect((await tfckpt(["edit", SOURCE, at("new"), "--keep", "global_step", "-n"])).stdout).toMatch(
      /new: would have 1 tensor, 8 B\n$/,
    );
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("reshapes, sets, merges and cuts", async () => {
    const file = written("k.npy", concatBytes(toNpy(toTensor([1.5, 2.5]))));
    expect(await tfckpt(["edit", SOURCE, at("one"), "--keep", "dense1/kernel", "--add-scope", "other"])).toMatchObject({
      code: 0,
    });
    const args = ["--reshape", "dense1/kernel=2,-1", "--set", `dense1/bias=${file}`, "--set", `extra=${file}`];
    const more = ["--reslice", "dense2/kernel=2@0", "--merge", at("one"), "--shards", "2"];
    const { code, stdout, stderr } = await tfckpt(["edit", SOURCE, at("new"), ...args, ...more]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("~ dense1/kernel  [6,5] → [2,15]\n");
    expect(stdout).toContain("~ dense2/kernel  whole → 2 slices\n");
    expect(stdout).toContain(`+ extra  float32 [2]  from ${file}\n`);
    expect(stdout).toContain(`+ other/dense1/kernel  float32 [6,5]  from ${at("one")}\n`);
    expect((await tfckpt(["cat", at("new"), "extra"])).stdout).toBe("[1.5 2.5]\n");
  });

  it("gives objects other names, as ls --objects prints them", async () => {
    const objects = `${goldensFolder}object-based/ckpt-1`;
    const steps = ["--rename", "s/^model\\/layers\\/0/model\\/first/", "--drop-optimizer"];
    expect(await tfckpt(["edit", objects, at("new"), ...steps])).toMatchObject({ code: 0 });
    const { stdout } = await tfckpt(["ls", at("new"), "--objects", "--json"]);
    expect(JSON.parse(stdout).map(({ name, key }: { name: string; key: string }) => [name, key])).toEqual(
      expect.arrayContaining([["kernel", "model/first/kernel/.ATTRIBUTES/VARIABLE_VALUE"]]),
    );
  });

  it.each([
    ["no change", [], 2, "no change: give an option such as --rename"],
    ["an unknown name", ["--drop", "dense1/kernal"], 3, "Key dense1/kernal not found"],
    ["an empty selection", ["--keep", "none/*"], 3, "No tensor of"],
    ["a rename that changes nothing", ["--rename", "s/none/x/"], 3, "'s/none/x/' changes no name"],
    ["nothing that is left", ["--drop", "*"], 2, "would be left"],
    ["two names that become one", ["--rename", "s/dense[12]/dense/"], 2, "would both become dense/bias"],
    ["a command that is none", ["--rename", "dense"], 2, "'dense' is no command such as s/old/new/"],
    ["a match without a cast", ["--match", "*"], 2, "--match belongs behind a --cast"],
    ["an unknown dtype", ["--cast", "float31"], 2, "--cast: 'float31' is no dtype"],
    ["a cast to integers without names", ["--cast", "int32"], 2, "A cast to int32 needs patterns"],
    ["a cast of numbers to what is none", ["--cast", "string", "--match", "*"], 2, "can't be cast to string"],
    ["a shape that is none", ["--reshape", "dense1/kernel=x"], 2, "--reshape takes NAME=DIMS"],
    ["a shape that does not fit", ["--reshape", "dense1/kernel=7"], 2, "can't become [7]"],
    ["slices that are none", ["--reslice", "dense1/kernel"], 2, "--reslice takes PATTERN=N"],
    ["too many slices", ["--reslice", "dense1/kernel=7"], 2, "can't be cut into 7 slices"],
    ["a file that is missing", ["--set", "x=none.npy"], 2, "--set: "],
    ["a file that is no array", ["--set", "x=package.json"], 2, "package.json is not a NumPy file"],
    ["a set without a file", ["--set", "x"], 2, "--set takes NAME=FILE.npy"],
    ["a checkpoint to merge that is missing", ["--merge", "none"], 3, "none"],
    ["shards that are none", ["--drop", "*Adam", "--shards", "0"], 2, "--shards takes a whole number"],
  ])("ends with one clear line and no file for %s", async (_, args, code, message) => {
    const found = await tfckpt(["edit", SOURCE, at("new"), ...args]);
    expect(found.code).toBe(code);
    expect(found.stderr).toContain(message);
    expect(found.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

it("refuses dtypes that V1 lacks, before anything is written", async () => {
  expect(await tfckpt(["edit", `${goldensFolder}v1-simple`, at("new"), "--cast", "bfloat16"])).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining("of dtype bfloat16 can't be stored in V1, the format of the source"),
  });
  expect(readdirSync(temporary)).toEqual([]);
});

describe("in a storage", () => {
  let storage: MemoryStorage;
  let before: unknown;
  beforeEach(async () => {
    storage = await sourceStorage();
    before = await filesIn(storage);
  });

  async function sourceStorage(): Promise<MemoryStorage> {
    const made = new MemoryStorage();
    const writer = new BundleWriter("m", { storage: made });
    for (const name of ["a", "b", "c"]) await writer.add(name, toTensor(new Float32Array(1000).fill(1)));
    await writer.finish();
    return made;
  }

  it("never writes over its source, in any spelling", async () => {
    for (const destination of ["m", "./m", "x/../m"]) {
      const found = await tfckpt(["edit", "m", destination, "--drop", "a"], { storage });
      expect(found).toMatchObject({ code: 2, stderr: expect.stringContaining("exists already") });
      expect(await filesIn(storage)).toEqual(before);
    }
  });

  it("leaves nothing when the disk is full, at every write", async () => {
    const args = ["edit", "m", "new", "--drop", "a", "--shards", "2"];
    const isWrite = ({ kind, path }: StorageOperation) => kind === "write" && !path.endsWith(".saving");
    const full = new ResourceExhaustedError("No space left on device");
    let writes = 0;
    const counting = new FaultyStorage(await sourceStorage(), {
      fail: (operation) => isWrite(operation) && ++writes < 0,
    });
    expect(await tfckpt(args, { storage: counting })).toMatchObject({ code: 0 });
    expect(writes).toBeGreaterThan(3);
    for (let failAt = 1; failAt <= writes; failAt++) {
      let count = 0;
      const fail = (operation: StorageOperation) => isWrite(operation) && ++count >= failAt;
      const { code, stderr } = await tfckpt(args, { storage: new FaultyStorage(storage, { fail, error: full }) });
      expect([code, stderr]).toEqual([1, "tfckpt: No space left on device\n"]);
      expect(await filesIn(storage)).toEqual(before);
    }
  });

  it("leaves nothing when the source is damaged", async () => {
    const path = dataFilename("m", 0, 1);
    const bytes = await readFile(storage, path);
    bytes[5000] = 0xff;
    await writeFileAtomically(storage, path, bytes);
    before = await filesIn(storage);
    for (const args of [
      ["--drop", "a"],
      ["--reshape", "b=10,100"],
      ["--cast", "float16"],
      ["--reslice", "b=2"],
    ]) {
      const { code, stderr } = await tfckpt(["edit", "m", "new", ...args], { storage });
      expect([code, stderr.split("\n")[0]]).toEqual([1, expect.stringContaining("tfckpt:")]);
      expect(stderr).toMatch(/m\.data-00000-of-00001/);
      expect(await filesIn(storage)).toEqual(before);
    }
    // The checkpoint that is damaged is explained, not the source.
    await tfckpt(["edit", "m", "good", "--keep", "a"], { storage });
    const merged = await tfckpt(["edit", "good", "new", "--add-scope", "x", "--merge", "m"], { storage });
    expect(merged).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/m\.data-00000-of-00001 is damaged: 1 of 3/),
    });
    // What is not damaged can be saved.
    expect(await tfckpt(["edit", "m", "rest", "--drop", "b"], { storage })).toMatchObject({ code: 0 });
    const reader = await openCheckpoint("rest", { storage });
    expect((await reader.get("c")).shape).toEqual([1000]);
    await reader.close();
  });
});
