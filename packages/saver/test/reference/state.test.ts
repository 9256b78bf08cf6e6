import { checkpointExists, getCheckpointMtimes, removeCheckpoint } from "@tfsaver/checkpoint-files";
import { getCheckpointState, latestCheckpoint } from "@tfsaver/checkpoint-state";
import { toTensor } from "@tfsaver/core";
import { Saver } from "@tfsaver/saver";
import { MemoryStorage, readFile, writeFileAtomically } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { textOf } from "../../../../fixtures/storage-files.js";
import { errorOf, filesIn, initializedSession, smallModel, valuesOf } from "../model.js";

const onWarning = () => {};

async function folder(name: string) {
  const storage = new MemoryStorage();
  await storage.createDirectory(name);
  return storage;
}

async function copyFolder(storage: MemoryStorage, from: string, to: string) {
  await storage.createDirectory(to);
  for (const name of await filesIn(storage, from)) {
    await writeFileAtomically(storage, `${to}/${name}`, await readFile(storage, `${from}/${name}`));
  }
}

describe("the state file", () => {
  it("is not overwritten by a checkpoint of the same name, unless that has a step or shards", async () => {
    const storage = await folder("run");
    const { graph, saver, session } = await smallModel({ storage });
    expect(await errorOf(() => saver.save(session, "run/checkpoint"))).toMatchObject({
      kind: "ValueError",
      message: expect.stringContaining("collides with"),
    });
    expect(await saver.save(session, "run/checkpoint", { globalStep: 0 })).toBe("run/checkpoint-0");
    const sharded = new Saver({ graph, storage, sharded: true });
    expect(await sharded.save(session, "run/checkpoint")).toBe("run/checkpoint");
    for (const path of ["run/checkpoint", "run/checkpoint-0"]) await sharded.restore(session, path);
  });

  it("leads from a relative folder to the newest of several steps", async () => {
    const storage = await folder("run");
    const { saver, session, a, graph } = await smallModel({ storage });
    for (const globalStep of [0, 1, 2]) {
      await a.load(toTensor([globalStep, 1]), session);
      await saver.save(session, "run/snapshot", { globalStep });
    }
    const latest = await latestCheckpoint("run", { storage });
    expect(latest).toBe("run/snapshot-2");
    const other = await initializedSession(graph, storage);
    await saver.restore(other, latest as string);
    expect(await valuesOf(other, [a])).toEqual([[2, 1]]);
  });

  it("with relative paths leads to the checkpoints beside it, in the folder and in a copy of it", async () => {
    const storage = await folder("/run");
    const { saver, session, graph, a } = await smallModel({ storage, saveRelativePaths: true });
    await saver.save(session, "/run/model", { globalStep: 1 });
    await copyFolder(storage, "/run", "/copy");
    expect(await textOf(storage, "/copy/checkpoint")).toContain('"model-1"');
    for (const directory of ["/run", "/copy"]) {
      const latest = await latestCheckpoint(directory, { storage });
      expect(latest).toBe(`${directory}/model-1`);
      expect((await getCheckpointState(directory, { storage }))?.allModelCheckpointPaths).toEqual([latest]);
      const other = await initializedSession(graph, storage);
      await saver.restore(other, latest as string);
      expect(await valuesOf(other, [a])).toEqual([[1, 2]]);
    }
  });
});

describe.each([
  [1, false],
  [1, true],
  [2, false],
  [2, true],
])("a checkpoint of format V%s (sharded: %s)", (writeVersion, sharded) => {
  it("exists once it is saved, by its path and by the newest of its folder, until it is removed", async () => {
    const storage = await folder("run");
    const { saver, session } = await smallModel({ storage, writeVersion, sharded, onWarning });
    expect(await checkpointExists("run/model", { storage })).toBe(false);
    const path = (await saver.save(session, "run/model")) as string;
    expect(await checkpointExists(path, { storage })).toBe(true);
    const latest = (await latestCheckpoint("run", { storage })) as string;
    expect(latest).toBe(path);
    expect(await checkpointExists(latest, { storage })).toBe(true);
    await removeCheckpoint(path, { storage, version: writeVersion });
    expect(await checkpointExists(path, { storage })).toBe(false);
    expect(await filesIn(storage, "run")).toEqual(["checkpoint"]);
  });

  it("has one time at which it was saved, not before that of the one before it", async () => {
    let now = 1_700_000_000_000;
    const storage = new MemoryStorage({ now: () => now });
    const { saver, session } = await smallModel({ storage, writeVersion, sharded, onWarning });
    const paths: string[] = [];
    for (const globalStep of [1, 2]) {
      paths.push((await saver.save(session, "model", { globalStep })) as string);
      now += 2500;
    }
    expect(await getCheckpointMtimes(paths, { storage })).toEqual([1_700_000_000, 1_700_000_002]);
  });
});
