import { checkpointExists } from "@tfsaver/checkpoint-files";
import { getCheckpointState } from "@tfsaver/checkpoint-state";
import type { Graph } from "@tfsaver/graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import { Saver } from "@tfsaver/saver";
import { HostVariable } from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage, type Storage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { filesIn, smallModel } from "../model.js";

const stateOf = async (storage: Storage) => {
  const state = await getCheckpointState("", { storage });
  return [state?.modelCheckpointPath, state?.allModelCheckpointPaths];
};

/** The files of a checkpoint, `.meta` included, by its name. */
const filesOf = (name: string) => [`${name}.data-00000-of-00001`, `${name}.index`, `${name}.meta`];

describe("a saver that keeps two checkpoints", () => {
  it("removes the oldest with its meta graph; one that is saved again is the newest", async () => {
    const { saver, session, storage } = await smallModel({ maxToKeep: 2 });
    expect(saver.lastCheckpoints).toEqual([]);
    const steps: [string, string[]][] = [
      ["s1", ["s1"]],
      ["s2", ["s1", "s2"]],
      ["s3", ["s2", "s3"]],
      ["s2", ["s3", "s2"]],
      ["s1", ["s2", "s1"]],
    ];
    for (const [path, kept] of steps) {
      await saver.save(session, path);
      expect(saver.lastCheckpoints).toEqual(kept);
      expect(await filesIn(storage)).toEqual(["checkpoint", ...kept.flatMap(filesOf)].sort());
      expect(await stateOf(storage)).toEqual([path, kept]);
    }
  });

  it("shares no state with other savers of the same SaverDef", async () => {
    const { graph, saver, session, storage } = await smallModel({ maxToKeep: 2 });
    for (const path of ["s1", "s2", "s3", "s2"]) await saver.save(session, path);
    const def = saver.asSaverDef() as SaverDef;
    // Only one of them gets the list of existing checkpoints.
    const knowing = new Saver({ graph, storage, saverDef: def });
    knowing.setLastCheckpoints(saver.lastCheckpoints);
    const unaware = new Saver({ graph, storage, saverDef: def });
    expect(knowing.lastCheckpoints).toEqual(["s3", "s2"]);
    expect(unaware.lastCheckpoints).toEqual([]);

    await saver.save(session, "s1");
    expect(saver.lastCheckpoints).toEqual(["s2", "s1"]);
    expect(await checkpointExists("s3", { storage })).toBe(false);

    await unaware.save(session, "s4");
    expect(unaware.lastCheckpoints).toEqual(["s4"]);
    expect(await stateOf(storage)).toEqual(["s4", ["s4"]]);
    expect(await checkpointExists("s2", { storage })).toBe(true);

    await knowing.save(session, "s5");
    expect(knowing.lastCheckpoints).toEqual(["s2", "s5"]);
    expect(saver.lastCheckpoints).toEqual(["s2", "s1"]);
  });

  it("does so without a graph", async () => {
    const storage = new MemoryStorage();
    const v = new HostVariable(10, { name: "v" });
    const eager = (graph: Graph) => new LocalSession(graph, { storage });
    const saver = new Saver({ varList: { v }, eager, storage, maxToKeep: 2 });
    for (const path of ["s1", "s2", "s3", "s2"]) await saver.save(null, path);
    expect(saver.lastCheckpoints).toEqual(["s3", "s2"]);
    expect(await filesIn(storage)).toEqual(
      ["checkpoint", ...["s2", "s3"].flatMap(filesOf)].filter((name) => !name.endsWith(".meta")).sort(),
    );
  });
});

it("after a restart a saver lists existing checkpoints together with new ones", async () => {
  const { graph, saver, session, storage } = await smallModel();
  for (const path of ["s1", "s2"]) await saver.save(session, path);
  const restarted = new Saver({ graph, storage, saverDef: saver.asSaverDef() });
  await restarted.recoverLastCheckpoints(["s1", "s2"]);
  expect(restarted.lastCheckpoints).toEqual(["s1", "s2"]);
  await restarted.save(session, "s3");
  expect(await stateOf(storage)).toEqual(["s3", ["s1", "s2", "s3"]]);

  for (const file of filesOf("s1")) await storage.remove(file);
  const again = new Saver({ graph, storage, saverDef: saver.asSaverDef() });
  await again.recoverLastCheckpoints(["s1", "s2", "s3"]);
  expect(again.lastCheckpoints).toEqual(["s2", "s3"]);
  await again.save(session, "s4");
  expect(await stateOf(storage)).toEqual(["s4", ["s2", "s3", "s4"]]);
});

it("keepCheckpointEveryNHours keeps one checkpoint per interval permanently", async () => {
  let hours = 0;
  const { saver, session, storage } = await smallModel({
    maxToKeep: 2,
    keepCheckpointEveryNHours: 0.7 / 3600,
    clock: () => hours * 3600_000,
  });
  const second = 1 / 3600;
  // The first is saved later than 0.7 seconds after the saver was made, the second less than 0.7 after that.
  for (const [path, time] of [
    ["s1", second],
    ["s2", 1.1 * second],
    ["s3", 2 * second],
    ["s4", 2.1 * second],
  ] as const) {
    hours = time;
    await saver.save(session, path, { writeMetaGraph: false });
  }
  expect(saver.lastCheckpoints).toEqual(["s3", "s4"]);
  const exist = await Promise.all(["s1", "s2", "s3", "s4"].map((path) => checkpointExists(path, { storage })));
  expect(exist).toEqual([true, false, true, true]);
});
