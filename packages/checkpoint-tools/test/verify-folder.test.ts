import { diagnoseCheckpoint } from "@tfsaver/checkpoint-reader";
import { updateCheckpointState } from "@tfsaver/checkpoint-state";
import {
  convertCheckpoint,
  repairCheckpointState,
  resolveCheckpoint,
  verifyCheckpoints,
} from "@tfsaver/checkpoint-tools";
import { toTensor } from "@tfsaver/core";
import { MemoryStorage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { describe, expect, it } from "vitest";
import { filesIn, putFile, textOf } from "../../../fixtures/storage-files.js";

async function save(storage: MemoryStorage, prefix: string): Promise<void> {
  const writer = new BundleWriter(prefix, { storage });
  await writer.add("w", toTensor([1, 2, 3]));
  await writer.finish();
}

const cutShort = (storage: MemoryStorage, prefix: string) => putFile(storage, `${prefix}.data-00000-of-00001`, "x");

/** Creates a folder `run` with m-1 to m-3 and a state file that names them. */
async function run(options: { saveRelativePaths?: boolean } = {}): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  await storage.createDirectory("run");
  const allModelCheckpointPaths = ["run/m-1", "run/m-2", "run/m-3"];
  for (const prefix of allModelCheckpointPaths) await save(storage, prefix);
  await updateCheckpointState("run", "run/m-3", { allModelCheckpointPaths, storage, ...options });
  return storage;
}

describe("verifyCheckpoints", () => {
  it("finds all checkpoints good, oldest first, and reports each", async () => {
    const storage = await run();
    const told: string[] = [];
    const report = await verifyCheckpoints("run", { storage, onReport: ({ prefix }) => void told.push(prefix) });
    expect(report).toMatchObject({ folder: "run", good: true, newestGood: "run/m-3", problems: [] });
    expect(told).toEqual(["run/m-1", "run/m-2", "run/m-3"]);
    expect(report.checkpoints).toMatchObject(told.map((prefix) => ({ prefix, good: true, tensors: 1, inState: true })));
  });

  it("finds a checkpoint good that is staged to replace another", async () => {
    const storage = await run();
    await storage.rename("run/m-3.index", "run/m-3.index.tempstate0");
    await storage.rename("run/m-3.data-00000-of-00001", "run/m-3.temp-00000-of-00001");
    expect(await verifyCheckpoints("run", { storage })).toMatchObject({ good: true, newestGood: "run/m-3" });
    expect(await diagnoseCheckpoint("run/m-3", { storage })).toEqual([]);
    expect(await resolveCheckpoint("run/m-3", { storage })).toBe("run/m-3");
  });

  it("reports damaged and missing checkpoints, missing indexes, and checkpoints outside the state file, in both formats", async () => {
    const storage = await run();
    await cutShort(storage, "run/m-3");
    for (const ending of ["index", "data-00000-of-00001"]) await storage.remove(`run/m-1.${ending}`);
    await save(storage, "run/n-4");
    await storage.remove("run/n-4.index");
    const { prefix: v1 } = await convertCheckpoint("run/m-2", "run/old", { storage, format: "V1", shards: 2 });
    const { good, newestGood, checkpoints } = await verifyCheckpoints("run", { storage });
    expect([good, newestGood]).toEqual([false, v1]);
    expect(checkpoints.map(({ prefix, format, good, inState }) => [prefix, format, good, inState])).toEqual([
      ["run/m-1", "V2", false, true],
      ["run/m-2", "V2", true, true],
      ["run/m-3", "V2", false, true],
      ["run/n-4", "V2", false, false],
      [v1, "V1", true, false],
    ]);
    const problems = checkpoints.map((checkpoint) => checkpoint.problems[0]);
    expect(problems[0]).toMatchObject({
      path: "run/m-1.index",
      message: expect.stringContaining("the state file names its checkpoint"),
    });
    expect(problems[2]).toMatchObject({ path: "run/m-3.data-00000-of-00001", tensors: ["w"] });
    expect(problems[3]).toMatchObject({ path: "run/n-4.index", message: expect.stringContaining("missing") });
  });

  it("does not take a V1 file under a V2 name for an empty checkpoint", async () => {
    const storage = await run();
    const { prefix } = await convertCheckpoint("run/m-1", "run/old", { storage, format: "V1" });
    await storage.rename(prefix, "run/old.index");
    const { checkpoints } = await verifyCheckpoints("run", { storage });
    expect(checkpoints.find((one) => one.prefix === "run/old")).toMatchObject({
      good: false,
      problems: [{ path: "run/old.index", message: expect.stringContaining("is a V1 checkpoint") }],
    });
  });

  it.each(['model_checkpoint_path: "', "", "\u0000garbage"])(
    "counts a state file of %j as a fault",
    async (content) => {
      const storage = await run();
      await putFile(storage, "run/checkpoint", content);
      const report = await verifyCheckpoints("run", { storage });
      expect(report).toMatchObject({ good: false, newestGood: "run/m-3", problems: [{ path: "run/checkpoint" }] });
    },
  );
});

describe("repairCheckpointState", () => {
  it("rebuilds a lost file, with relative paths and all good checkpoints", async () => {
    const storage = await run();
    const before = await textOf(storage, "run/checkpoint");
    await storage.remove("run/checkpoint");
    await cutShort(storage, "run/m-1");
    const report = await repairCheckpointState("run", { storage });
    expect(report).toMatchObject({
      file: "run/checkpoint",
      changed: true,
      keptAside: undefined,
      checkpoints: ["run/m-2", "run/m-3"],
    });
    expect(await textOf(storage, "run/checkpoint")).toBe(before.replace(/^all_model.*m-1"\n/m, ""));
  });

  it("keeps a broken file under a free name, and writes nothing in a dry run", async () => {
    const storage = await run();
    const before = await textOf(storage, "run/checkpoint");
    await putFile(storage, "run/checkpoint.broken", "an earlier one");
    await putFile(storage, "run/checkpoint", 'model_checkpoint_path: "m-');
    const names = async () => filesIn(storage, "run");
    const untouched = await names();
    expect(await repairCheckpointState("run", { storage, dryRun: true })).toMatchObject({
      changed: true,
      keptAside: "run/checkpoint.broken-2",
    });
    expect(await names()).toEqual(untouched);
    expect(await textOf(storage, "run/checkpoint")).toBe('model_checkpoint_path: "m-');
    await repairCheckpointState("run", { storage });
    expect(await textOf(storage, "run/checkpoint")).toBe(before);
    expect(await textOf(storage, "run/checkpoint.broken-2")).toBe('model_checkpoint_path: "m-');
    expect(await textOf(storage, "run/checkpoint.broken")).toBe("an earlier one");
  });

  it("does not change a correct file", async () => {
    const storage = await run();
    expect(await repairCheckpointState("run", { storage })).toMatchObject({ changed: false, keptAside: undefined });
    expect(await storage.stat("run/checkpoint.broken")).toBeUndefined();
  });

  it("drops damaged checkpoints, adds newer ones, and leaves older ones unnamed, which are kept for good", async () => {
    const storage = new MemoryStorage();
    await storage.createDirectory("run");
    for (const step of [1, 2, 3, 4]) await save(storage, `run/m-${step}`);
    await updateCheckpointState("run", "run/m-3", { allModelCheckpointPaths: ["run/m-2", "run/m-3"], storage });
    await cutShort(storage, "run/m-3");
    expect((await repairCheckpointState("run", { storage })).checkpoints).toEqual(["run/m-2", "run/m-4"]);
  });

  it("keeps absolute paths and timestamps, and takes missing timestamps from the files", async () => {
    const storage = new MemoryStorage();
    await storage.createDirectory("/run");
    for (const step of [1, 2, 3]) await save(storage, `/run/m-${step}`);
    await updateCheckpointState("/run", "/run/m-2", {
      allModelCheckpointPaths: ["/run/m-1", "/run/m-2"],
      allModelCheckpointTimestamps: [11.5, 12.5],
      lastPreservedTimestamp: 10.25,
      storage,
    });
    await repairCheckpointState("/run", { storage });
    const seconds = Math.floor(((await storage.stat("/run/m-3.index"))?.modifiedMs ?? 0) / 1000);
    expect(await textOf(storage, "/run/checkpoint")).toBe(
      'model_checkpoint_path: "/run/m-3"\n' +
        [1, 2, 3].map((step) => `all_model_checkpoint_paths: "/run/m-${step}"\n`).join("") +
        `all_model_checkpoint_timestamps: 11.5\nall_model_checkpoint_timestamps: 12.5\n` +
        `all_model_checkpoint_timestamps: ${seconds}.0\nlast_preserved_timestamp: 10.25\n`,
    );
  });

  it("writes relative paths into an absolute folder, so that it can be moved", async () => {
    const storage = new MemoryStorage();
    await storage.createDirectory("/run");
    await save(storage, "/run/m-1");
    await repairCheckpointState("/run", { storage });
    expect(await textOf(storage, "/run/checkpoint")).toBe(
      'model_checkpoint_path: "m-1"\nall_model_checkpoint_paths: "m-1"\n',
    );
  });

  it("changes nothing if there is no good checkpoint", async () => {
    const storage = await run();
    for (const step of [1, 2, 3]) await cutShort(storage, `run/m-${step}`);
    const before = await textOf(storage, "run/checkpoint");
    await expect(repairCheckpointState("run", { storage })).rejects.toMatchObject({ kind: "NotFoundError" });
    expect(await textOf(storage, "run/checkpoint")).toBe(before);
  });
});
