import { anyOf, type CheckpointRecord, type KeepRule, keepBy, keepLatest, planRetention } from "@tfsaver/retention";
import { describe, expect, it } from "vitest";

const paths = (list: readonly CheckpointRecord[]) => list.map(({ path }) => path);
const records = (...names: readonly string[]) => names.map((path, time) => ({ path, time }));

describe("a policy made of a rule", () => {
  it("shortens a longer list to the limit at the next save", () => {
    const policy = keepLatest(2);
    policy.setLastCheckpoints(records("a", "b", "c", "d"));
    expect(paths(policy.lastCheckpoints)).toEqual(["a", "b", "c", "d"]);
    expect(policy.decide()).toEqual([]);
    expect(paths(policy.record({ path: "e", time: 9 }))).toEqual(["d", "e"]);
    expect(policy.decide()).toEqual(
      records("a", "b", "c").map((checkpoint) => ({
        checkpoint,
        action: "delete",
        reason: "not among the newest 2",
      })),
    );
    expect(policy.decide()).toEqual([]);
  });

  it("always keeps the newest checkpoint until the next save", () => {
    const none = keepBy((list) => list.map(() => ({ keep: false, reason: "not wanted" })));
    expect(paths(none.record({ path: "a", time: 1 }))).toEqual(["a"]);
    expect(none.decide()).toEqual([]);
    expect(paths(none.record({ path: "b", time: 2 }))).toEqual(["b"]);
    expect(none.decide()).toEqual([{ checkpoint: { path: "a", time: 1 }, action: "delete", reason: "not wanted" }]);
  });

  it("moves a checkpoint that is saved again to the end, with its new record", () => {
    const policy = keepLatest(3);
    policy.setLastCheckpoints(records("a", "b"));
    const again = { path: "a", time: 7, metrics: { loss: 1 } };
    expect(policy.record(again)).toEqual([{ path: "b", time: 1 }, again]);
  });

  it.each(["saved", "set"])("cancels the deletion of a checkpoint that is %s again", (how) => {
    const policy = keepLatest(1);
    for (const record of records("a", "b")) policy.record(record);
    if (how === "saved") policy.record({ path: "a", time: 5 });
    else policy.setLastCheckpoints(records("a"));
    expect(paths(policy.lastCheckpoints)).toEqual(["a"]);
    expect(paths(policy.decide().map(({ checkpoint }) => checkpoint))).toEqual(how === "saved" ? ["b"] : []);
  });

  it("lists a path that is set twice once, at its last position", () => {
    const policy = keepLatest(2);
    policy.setLastCheckpoints(records("a", "b", "a"));
    expect(policy.lastCheckpoints).toEqual([
      { path: "b", time: 1 },
      { path: "a", time: 2 },
    ]);
    policy.record({ path: "c", time: 3 });
    expect(paths(policy.decide().map(({ checkpoint }) => checkpoint))).toEqual(["b"]);
  });

  it("has its own state for every call", () => {
    const [one, other] = [keepLatest(1), keepLatest(1)];
    one.record({ path: "a", time: 1 });
    expect(other.lastCheckpoints).toEqual([]);
  });

  it("refuses a time that is not a number, and changes nothing", () => {
    const policy = keepLatest(1);
    policy.record({ path: "a", time: 1 });
    const refusal = expect.objectContaining({ kind: "ValueError" });
    for (const time of [Number.NaN, undefined as unknown as number]) {
      expect(() => policy.record({ path: "b", time })).toThrow(refusal);
      expect(() => policy.setLastCheckpoints([{ path: "b", time }])).toThrow(refusal);
      expect(() => planRetention([{ path: "b", time }], policy)).toThrow(refusal);
    }
    expect(paths(policy.lastCheckpoints)).toEqual(["a"]);
    expect(policy.decide()).toEqual([]);
  });

  const verdict = { keep: false, reason: "wrong" };
  it.each<[what: string, rule: unknown]>([
    ["too few verdicts", (list: []) => list.slice(1).map(() => verdict)],
    ["too many verdicts", (list: []) => [...list.map(() => verdict), verdict]],
    ["plain answers", (list: []) => list.map(() => true)],
    ["holes", (list: []) => new Array(list.length)],
    ["no reasons", (list: []) => list.map(() => ({ keep: false }))],
    ["no answers", (list: []) => list.map(() => ({ reason: "wrong" }))],
    ["a promise", async (list: []) => list.map(() => verdict)],
    ["another order to the list", (list: []) => list.reverse().map(() => verdict)],
  ])("deletes nothing for a custom rule that returns %s", (_, rule) => {
    for (const policy of [keepBy(rule as KeepRule), anyOf(keepBy(rule as KeepRule))]) {
      policy.setLastCheckpoints(records("a", "b"));
      expect(() => policy.record({ path: "c", time: 3 })).toThrow(TypeError);
      expect(paths(policy.lastCheckpoints)).toEqual(["a", "b"]);
      expect(policy.decide()).toEqual([]);
    }
  });
});

describe("planRetention", () => {
  it("does not change the policy, and ignores its list", () => {
    const policy = keepLatest(1);
    policy.setLastCheckpoints(records("mine"));
    const plan = planRetention(records("a", "b"), policy);
    expect(plan).toEqual([
      { checkpoint: { path: "a", time: 0 }, action: "delete", reason: "not the newest" },
      { checkpoint: { path: "b", time: 1 }, action: "keep", reason: "the newest" },
    ]);
    expect(paths(policy.lastCheckpoints)).toEqual(["mine"]);
    expect(policy.decide()).toEqual([]);
  });

  it("is empty for no checkpoints, and has each path once", () => {
    expect(planRetention([], keepLatest(1))).toEqual([]);
    const plan = planRetention(records("a", "b", "a"), keepLatest(1));
    expect(plan.map(({ checkpoint, action }) => [checkpoint.path, checkpoint.time, action])).toEqual([
      ["b", 1, "delete"],
      ["a", 2, "keep"],
    ]);
  });
});
