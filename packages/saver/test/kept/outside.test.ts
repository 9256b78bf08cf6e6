import { updateCheckpointState } from "@tfsaver/checkpoint-state";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { smallModel } from "../model.js";

/** Checkpoints of another user in `other`, and one of an earlier run in `run`. */
async function folders() {
  const storage = new MemoryStorage();
  const before = await smallModel({ storage });
  for (const folder of ["run", "other", "run/sub"]) await storage.createDirectory(folder);
  for (const path of ["run/m-1", "other/m-1", "run/sub/m-1", "m-1", "run/*"]) {
    await before.saver.save(before.session, path, { writeState: false });
  }
  return storage;
}

const OUTSIDE = [
  "other/m-1",
  "run/../other/m-1",
  "run/sub/m-1",
  "../m-1",
  "m-1",
  "run/m-1/../../m-1",
  "/etc/passwd",
  "run/sub/..",
  "\n",
  "*",
  "*/m-1",
];

describe("retention removes nothing outside the folder that is saved to", () => {
  it.each([1, 2])("with any list of checkpoints, in format V%d", async (writeVersion) => {
    const storage = await folders();
    const files = ["other/m-1.index", "run/sub/m-1.index", "m-1.index", "run/*.index"];
    const { saver, session, warnings } = await smallModel({ storage, maxToKeep: 1, writeVersion });
    saver.setLastCheckpointsWithTime(OUTSIDE.map((path) => [path, 1]));
    await saver.save(session, "run/m", { globalStep: 2 });
    for (let step = 3; step < 20; step++) await saver.save(session, "run/m", { globalStep: step });
    for (const file of files) expect([file, await storage.stat(file)]).toMatchObject([file, { kind: "file" }]);
    const refused = warnings.filter((warning) => warning.includes("nothing was removed"));
    expect(refused.join("\n")).toContain('"other/m-1" does not lie directly in the folder "run"');
    // A name can't forge lines in a log.
    expect(refused.some((warning) => warning.includes("\n"))).toBe(false);
  });

  it("even if a state file names other folders, with recover or with its list set", async () => {
    for (const recover of [true, false]) {
      const storage = await folders();
      await updateCheckpointState("run", "run/m-1", { allModelCheckpointPaths: [...OUTSIDE, "run/m-1"], storage });
      const { saver, session } = await smallModel({ storage, maxToKeep: 1, recover });
      if (!recover) await saver.recoverLastCheckpoints([...OUTSIDE, "run/m-1"]);
      for (let step = 3; step < 20; step++) await saver.save(session, "run/m", { globalStep: step });
      for (const file of ["other/m-1.index", "run/sub/m-1.index", "m-1.index"]) {
        expect([recover, file, await storage.stat(file)]).toMatchObject([recover, file, { kind: "file" }]);
      }
    }
  });

  it("except checkpoints that the saver saved elsewhere itself, and removes any path into the folder", async () => {
    const storage = await folders();
    const { saver, session, warnings } = await smallModel({ storage, maxToKeep: 1 });
    saver.setLastCheckpointsWithTime([["run/sub/../m-1", 1]]);
    await saver.save(session, "run/m", { globalStep: 2 });
    expect(await storage.stat("run/m-1.index")).toBeUndefined();
    await saver.save(session, "other/n", { globalStep: 3 });
    expect(await storage.stat("run/m-2.index")).toBeUndefined();
    expect(saver.lastCheckpoints).toEqual(["other/n-3"]);
    expect(warnings).toEqual([]);
  });
});
