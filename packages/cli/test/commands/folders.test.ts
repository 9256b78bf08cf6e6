import { getCheckpointState, updateCheckpointState } from "@tfsaver/checkpoint-state";
import { toTensor } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { keepAll } from "@tfsaver/retention";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { beforeEach, describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { filesIn, putFile } from "../../../../fixtures/storage-files.js";
import { tfckpt } from "../run-cli.js";

let now: number;
let storage: MemoryStorage;
beforeEach(async () => {
  now = 1e12;
  storage = new MemoryStorage({ now: () => now });
  await storage.createDirectory("/run");
});

async function save(prefix: string, name = "w"): Promise<void> {
  const writer = new BundleWriter(prefix, { storage });
  await writer.add(name, toTensor([1]));
  await writer.finish();
  await putFile(storage, `${prefix}.meta`, "x");
  now += 60_000;
}

async function saveSteps(...steps: number[]): Promise<void> {
  for (const step of steps) await save(`/run/m-${step}`);
  const paths = steps.map((step) => `/run/m-${step}`);
  await updateCheckpointState("/run", paths.at(-1) as string, {
    ...{ storage, allModelCheckpointPaths: paths, allModelCheckpointTimestamps: steps },
  });
}

const indexes = async () => (await filesIn(storage, "/run")).filter((name) => name.endsWith(".index"));
const prune = (...options: string[]) => tfckpt(["prune", "/run", ...options], { storage });

describe("tfckpt prune", () => {
  it("lists what would go and why, and removes it only with --yes", async () => {
    await saveSteps(1, 2, 3, 4);
    const before = await filesIn(storage, "/run");
    const plan = await prune("--keep-latest", "2");
    expect(plan).toMatchObject({
      code: 0,
      stdout:
        "remove  m-1  not among the newest 2\nremove  m-2  not among the newest 2\n" +
        "keep    m-3  among the newest 2\nkeep    m-4  among the newest 2\n" +
        "2 checkpoints of 4 would be removed (--yes removes them)\n",
    });
    expect((await prune("--keep-latest", "2", "--yes", "--dry-run")).stdout).toContain("would be removed (--dry-run)");
    expect(await filesIn(storage, "/run")).toEqual(before);
    const done = await prune("--keep-latest", "2", "--yes");
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining("2 checkpoints of 4 removed\n") });
    expect(await filesIn(storage, "/run")).toEqual([
      ...["checkpoint", "m-3.data-00000-of-00001", "m-3.index", "m-3.meta"],
      ...["m-4.data-00000-of-00001", "m-4.index", "m-4.meta"],
    ]);
    expect(await getCheckpointState("/run", { storage })).toMatchObject({
      ...{ modelCheckpointPath: "/run/m-4", allModelCheckpointPaths: ["/run/m-3", "/run/m-4"] },
      allModelCheckpointTimestamps: [3, 4],
    });
  });

  it("keeps what any rule keeps: every so many steps, or hours", async () => {
    await saveSteps(100, 150, 200, 250, 300);
    await prune("--keep-latest", "1", "--keep-every-steps", "100", "--yes");
    expect(await indexes()).toEqual(["m-100.index", "m-200.index", "m-300.index"]);
    await prune("--keep-every-hours", "1", "--yes");
    expect(await indexes()).toEqual(["m-100.index", "m-300.index"]);
  });

  it("keeps the best by the metrics that a saver has recorded", async () => {
    const graph = new Graph();
    const w = Variable.create([0], { graph, name: "w" });
    const session = new LocalSession(graph, { storage });
    await session.run([w.initializer]);
    const saver = new Saver({ graph, storage, retention: keepAll() });
    for (const [step, loss] of [
      [1, 0.5],
      [2, 0.1],
      [3, 0.3],
      [4, 0.4],
    ] as const) {
      await saver.save(session, "/run/m", { globalStep: step, metrics: { loss, accuracy: 1 - loss } });
    }
    const { stdout } = await prune("--best", "loss", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      removed: false,
      checkpoints: [
        { prefix: "/run/m-1", action: "delete", reason: "its loss 0.5 is not the best (0.1)" },
        { prefix: "/run/m-2", action: "keep", reason: "its loss 0.1 is the best" },
        { prefix: "/run/m-3", action: "delete" },
        { prefix: "/run/m-4", action: "keep" },
      ],
    });
    await prune("--best", "accuracy", "--mode", "max", "--best-of", "2", "--yes");
    expect(await indexes()).toEqual(["m-2.index", "m-3.index", "m-4.index"]);
  });

  it("leaves what is locked, newer than the state file, or elsewhere, and takes what the state file has forgotten", async () => {
    await save("/run/m-0");
    await saveSteps(1, 2, 3);
    await putFile(storage, "/run/m-1.saving", "x");
    await save("/run/m-9");
    await storage.createDirectory("/other");
    await save("/other/m-5");
    const paths = ["/other/m-5", "/run/m-1", "/run/m-2", "/run/m-3"];
    await updateCheckpointState("/run", "/run/m-3", { storage, allModelCheckpointPaths: paths });
    const { stdout } = await prune("--keep-latest", "1", "--yes");
    const lines = stdout.split("\n").map((line) => line.replace(/ +/g, " "));
    expect(lines).toContain("removed m-0 not the newest");
    expect(lines).toContain("keep m-1 a saver holds its lock");
    expect(lines).toContain("removed m-2 not the newest");
    expect(lines).toContain("keep m-9 it is newer than the state file");
    expect(lines).toContain("keep m-5 it lies in another folder");
    expect(await indexes()).toEqual(["m-1.index", "m-3.index", "m-9.index"]);
    expect((await getCheckpointState("/run", { storage }))?.allModelCheckpointPaths).toEqual([
      ...["/other/m-5", "/run/m-1", "/run/m-3"],
    ]);
  });

  it.each([
    [[], 2, "say what to keep"],
    [["--keep-latest", "0"], 2, "--keep-latest takes"],
    [["--keep-every-hours", "soon"], 2, "--keep-every-hours takes"],
    [["--best", "loss", "--mode", "most"], 2, "--mode"],
  ] as const)("%j removes nothing", async (options, code, message) => {
    await saveSteps(1, 2);
    expect(await prune(...options, "--yes")).toMatchObject({ code, stderr: expect.stringContaining(message) });
    expect(await indexes()).toHaveLength(2);
  });

  it("of a folder that does not exist is an error", async () => {
    expect(await tfckpt(["prune", "/none", "--keep-latest", "1"], { storage })).toMatchObject({ code: 3, stdout: "" });
  });
});

describe("tfckpt grep", () => {
  it("prints the checkpoints of folders that hold a tensor, and goes on behind damaged ones", async () => {
    await save("/run/m-1", "dense/kernel");
    await save("/run/m-2", "dense/bias");
    await save("/run/m-3", "dense/kernel");
    const run = (...args: string[]) => tfckpt(["grep", ...args], { storage });
    expect(await run("dense/kernel", "/run")).toMatchObject({
      ...{ code: 0, stderr: "" },
      stdout: "/run/m-1  dense/kernel  float32 [1]\n/run/m-3  dense/kernel  float32 [1]\n",
    });
    expect((await run("*b*", "/run", "-l")).stdout).toBe("/run/m-2\n");
    expect(JSON.parse((await run("*", "/run/m-2", "--json")).stdout)).toEqual([
      { checkpoint: "/run/m-2", name: "dense/bias", dtype: "float32", shape: [1] },
    ]);
    expect(await run("none", "/run")).toMatchObject({ code: 3, stdout: "" });
    expect((await run("dense/kernel", "/")).stderr).toMatch(/^tfckpt: warning: no checkpoint in \/\ntfckpt: no tensor/);
    await putFile(storage, "/run/m-2.index", "x".repeat(100));
    const damaged = await run("dense/kernel", "/run", "-l");
    expect(damaged).toMatchObject({ code: 1, stdout: "/run/m-1\n/run/m-3\n" });
    expect(damaged.stderr).toMatch(/^tfckpt: warning: \/run\/m-2 is passed over: .*\n$/);
  });
});

describe("tfckpt meta", () => {
  const model = `${goldensFolder}v2-with-meta`;

  it("prints operations, devices, collections, the saver and constants", async () => {
    const { code, stdout } = await tfckpt(["meta", `${model}/model.ckpt-7.meta`]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^243 operations, written by TensorFlow 2\.21\.0\noperations\n {2}55 {2}Const\n/);
    for (const part of ["devices\n", "  variables              15 messages", "saver\n", "largest constants\n"]) {
      expect(stdout).toContain(part);
    }
    expect((await tfckpt(["meta", model])).stdout).toBe(stdout);
  });

  it("prints JSON, and lists operations", async () => {
    const summary = JSON.parse((await tfckpt(["meta", model, "--json"])).stdout);
    expect(summary).toMatchObject({ operations: 243, saver: { version: 2, maxToKeep: 3 }, signatures: [] });
    expect(summary.constants).toHaveLength(10);
    const operations = JSON.parse((await tfckpt(["meta", model, "--ops", "--json"])).stdout);
    expect(operations).toHaveLength(243);
    expect((await tfckpt(["meta", model, "--ops"])).stdout).toMatch(/\ndense1\/kernel +VariableV2\n/);
  });

  it("reports files that are missing, or no meta graph", async () => {
    expect(await tfckpt(["meta", `${model}/none.meta`])).toMatchObject({ code: 3, stdout: "" });
    await putFile(storage, "/run/m.meta", "no graph");
    expect(await tfckpt(["meta", "/run/m.meta"], { storage })).toMatchObject({ code: 1, stdout: "" });
  });
});
