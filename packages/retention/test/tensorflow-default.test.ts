import { type CheckpointRecord, type RetentionPolicy, tensorflowDefault } from "@tfsaver/retention";
import { describe, expect, it } from "vitest";
import runs from "./tensorflow-runs.txt?raw";

const paths = (list: readonly CheckpointRecord[]) => list.map(({ path }) => path);

/** Saves without a storage, and returns the deleted checkpoints and those kept for good. */
function save(policy: RetentionPolicy, path: string, time: number) {
  const listed = paths(policy.record({ path, time }));
  const decisions = policy.decide();
  const of = (action: "delete" | "keep") =>
    paths(decisions.filter((d) => d.action === action).map(({ checkpoint }) => checkpoint));
  return { listed, deleted: of("delete"), kept: of("keep") };
}

describe("tensorflowDefault", () => {
  // Observed in TensorFlow: an interval of one hour, and two checkpoints to keep.
  it("reproduces TensorFlow's table for an interval of an hour", () => {
    const policy = tensorflowDefault({ maxToKeep: 2, keepCheckpointEveryNHours: 1, startTime: 0 });
    const rows: [path: string, time: number, deleted: string[], kept: string[], deadline: number][] = [
      ["k0", 0, [], [], 3600],
      ["k1", 3600, [], [], 3600],
      ["k2", 3601, ["k0"], [], 3600],
      ["k3", 3700, ["k1"], [], 3600],
      ["k4", 7300, [], ["k2"], 7200],
      ["k5", 7210, ["k3"], [], 7200],
      ["k6", 20000, [], ["k4"], 10800],
      ["k7", 20001, ["k5"], [], 10800],
      ["k8", 20002, [], ["k6"], 14400],
      ["k9", 20003, [], ["k7"], 18000],
      ["k10", 20004, [], ["k8"], 21600],
    ];
    for (const [path, time, deleted, kept, deadline] of rows) {
      expect(save(policy, path, time), path).toMatchObject({ deleted, kept });
      expect(policy.nextKeepTime, path).toBe(deadline);
    }
  });

  // tensorflow-runs.txt is what tensorflow-runs.py, next to it, printed with TensorFlow 2.21.
  it("decides like TensorFlow in random runs", () => {
    let policy = tensorflowDefault({ startTime: 0 });
    let saves = 0;
    for (const [number, line] of runs.trimEnd().split("\n").entries()) {
      const [what, first = "", second = "", listed, deleted, deadline] = line.split("|");
      if (what === "saver") {
        const maxToKeep = first === "null" ? null : Number(first);
        policy = tensorflowDefault({ maxToKeep, keepCheckpointEveryNHours: Number(second), startTime: 1000 });
      } else if (what === "set") {
        const entries = first.split(" ").map((entry) => entry.split("=") as [string, string]);
        policy.setLastCheckpoints(entries.map(([path, time]) => ({ path, time: Number(time) })));
      } else {
        const outcome = save(policy, first, Number(second));
        const seen = [outcome.listed.join(" "), outcome.deleted.join(" "), policy.nextKeepTime];
        expect(seen, `line ${number + 1}`).toEqual([listed, deleted, Number(deadline)]);
        saves++;
      }
    }
    expect(saves).toBeGreaterThan(300);
  });

  it("keeps five, and one every 10000 hours, by default", () => {
    const policy = tensorflowDefault({ startTime: 100 });
    expect(policy.nextKeepTime).toBe(36_000_100);
    for (let i = 0; i < 5; i++) expect(save(policy, `k${i}`, i).deleted).toEqual([]);
    expect(save(policy, "k5", 5).deleted).toEqual(["k0"]);
  });

  it.each([null, 0])("records nothing if maxToKeep is %s, and keeps the list that was set", (maxToKeep) => {
    const policy = tensorflowDefault({ maxToKeep, startTime: 0 });
    expect(save(policy, "a", 1)).toEqual({ listed: [], deleted: [], kept: [] });
    policy.setLastCheckpoints([{ path: "old", time: 0 }]);
    expect(save(policy, "b", 2)).toEqual({ listed: ["old"], deleted: [], kept: [] });
  });

  it("removes every checkpoint at once if maxToKeep is negative", () => {
    const policy = tensorflowDefault({ maxToKeep: -1, startTime: 0 });
    expect(save(policy, "a", 1)).toEqual({ listed: [], deleted: ["a"], kept: [] });
  });

  it("refuses a maxToKeep that is not an integer", () => {
    for (const maxToKeep of [2.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => tensorflowDefault({ maxToKeep, startTime: 0 })).toThrow(TypeError);
    }
  });

  it("refuses a time that is not a number, which would always count as old", () => {
    const refusal = expect.objectContaining({ kind: "ValueError" });
    expect(() => tensorflowDefault({ startTime: Number.NaN })).toThrow(refusal);
    const policy = tensorflowDefault({ startTime: 0 });
    for (const time of [Number.NaN, undefined as unknown as number]) {
      expect(() => policy.record({ path: "a", time })).toThrow(refusal);
      expect(() => policy.setLastCheckpoints([{ path: "a", time }])).toThrow(refusal);
    }
    expect(policy.lastCheckpoints).toEqual([]);
  });

  it("moves a checkpoint that is saved again to the end, and removes none", () => {
    const policy = tensorflowDefault({ maxToKeep: 2, startTime: 0 });
    for (const [time, path] of ["m-1", "m-2", "m-3"].entries()) save(policy, path, time);
    expect(save(policy, "m-2", 9)).toEqual({ listed: ["m-3", "m-2"], deleted: [], kept: [] });
    expect(policy.lastCheckpoints).toEqual([
      { path: "m-3", time: 2 },
      { path: "m-2", time: 9 },
    ]);
  });

  it("compares paths as text", () => {
    const policy = tensorflowDefault({ maxToKeep: 5, startTime: 0 });
    save(policy, "d/m", 1);
    expect(save(policy, "./d/m", 2).listed).toEqual(["d/m", "./d/m"]);
  });

  it("removes one checkpoint per save, so a longer list keeps its length", () => {
    const policy = tensorflowDefault({ maxToKeep: 1, startTime: 0 });
    policy.setLastCheckpoints(["a", "b", "c"].map((path) => ({ path, time: 0 })));
    expect(save(policy, "d", 1)).toEqual({ listed: ["b", "c", "d"], deleted: ["a"], kept: [] });
  });

  it("keeps checkpoints with unknown times, each for one interval", () => {
    const policy = tensorflowDefault({ maxToKeep: 1, keepCheckpointEveryNHours: 1, startTime: 0 });
    policy.setLastCheckpoints(["a", "b"].map((path) => ({ path, time: Number.POSITIVE_INFINITY })));
    expect(save(policy, "c", 1).kept).toEqual(["a"]);
    expect(save(policy, "d", 1).kept).toEqual(["b"]);
    expect(policy.nextKeepTime).toBe(3 * 3600);
  });

  it("returns pending decisions at a later save", () => {
    const policy = tensorflowDefault({ maxToKeep: 1, startTime: 0 });
    save(policy, "a", 1);
    policy.record({ path: "b", time: 2 });
    expect(save(policy, "c", 3).deleted).toEqual(["a"]);
    expect(paths(policy.decide().map(({ checkpoint }) => checkpoint))).toEqual(["b"]);
    expect(policy.decide()).toEqual([]);
  });

  it("does not delete a checkpoint that was saved again after the decision to remove it", () => {
    const policy = tensorflowDefault({ maxToKeep: 1, startTime: 0 });
    save(policy, "a", 1);
    policy.record({ path: "b", time: 2 });
    expect(save(policy, "a", 3)).toEqual({ listed: ["a"], deleted: ["b"], kept: [] });
  });

  it("is not affected by changes to lists that were passed or returned", () => {
    const policy = tensorflowDefault({ maxToKeep: 3, startTime: 0 });
    const mine = [{ path: "a", time: 1 }];
    policy.setLastCheckpoints(mine);
    mine.push({ path: "b", time: 2 });
    expect(paths(policy.lastCheckpoints)).toEqual(["a"]);
    const before = policy.lastCheckpoints;
    policy.record({ path: "c", time: 3 });
    expect(paths(before)).toEqual(["a"]);
  });

  it("gives reasons for its decisions", () => {
    const policy = tensorflowDefault({ maxToKeep: 1, keepCheckpointEveryNHours: 6, startTime: 1_700_000_000 });
    const reasons: string[] = [];
    for (const [path, hour] of [
      ["a", 1],
      ["b", 7],
      ["c", 8],
      ["d", 9],
    ] as const) {
      policy.record({ path, time: 1_700_000_000 + hour * 3600 });
      reasons.push(...policy.decide().map(({ action, reason }) => `${action}: ${reason}`));
    }
    expect(reasons).toEqual([
      "delete: maxToKeep is 1 and 1 newer one is kept",
      "keep: one every 6 hours is kept, and it was saved at 2023-11-15T05:13:20.000Z, after 2023-11-15T04:13:20.000Z",
      "delete: maxToKeep is 1 and 1 newer one is kept",
    ]);
  });

  it.each([
    [0, 5, "keepCheckpointEveryNHours is 0: nothing is ever deleted"],
    [-1, 5, "keepCheckpointEveryNHours is -1: nothing is ever deleted"],
    [1, Number.POSITIVE_INFINITY, "its time is not known"],
    [1e-9, 1e300, "one every 1e-9 hours is kept, and it was saved at 1e+300 s, after 1970-01-01T00:00:00.000Z"],
  ])("gives a reason when hours are %s and the time is %s", (keepCheckpointEveryNHours, time, reason) => {
    const policy = tensorflowDefault({ maxToKeep: -1, keepCheckpointEveryNHours, startTime: 0 });
    policy.record({ path: "a", time });
    expect(policy.decide()).toEqual([{ checkpoint: { path: "a", time }, action: "keep", reason }]);
  });
});
