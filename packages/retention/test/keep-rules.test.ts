import {
  anyOf,
  type CheckpointRecord,
  keepAll,
  keepBest,
  keepBy,
  keepEveryNHours,
  keepEveryNSteps,
  keepLatest,
  planRetention,
  type RulePolicy,
  tensorflowDefault,
} from "@tfsaver/retention";
import { describe, expect, it } from "vitest";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Makes records of the given names, one per hour from 1970 on, with additional properties. */
function records(
  more: Readonly<Record<string, Partial<CheckpointRecord>>>,
): (Partial<CheckpointRecord> & CheckpointRecord)[] {
  return Object.entries(more).map(([path, rest], i) => ({ path, time: i * HOUR, ...rest }));
}

const accuracies = (values: Readonly<Record<string, number>>) =>
  records(Object.fromEntries(Object.entries(values).map(([path, accuracy]) => [path, { metrics: { accuracy } }])));

/** Returns the checkpoints that a policy keeps, and the reasons. */
function planned(policy: RulePolicy, checkpoints: readonly CheckpointRecord[]) {
  const plan = planRetention(checkpoints, policy);
  return {
    kept: plan.flatMap(({ checkpoint, action }) => (action === "keep" ? [checkpoint.path] : [])),
    why: Object.fromEntries(plan.map(({ checkpoint, action, reason }) => [checkpoint.path, `${action}: ${reason}`])),
  };
}

describe("keepLatest", () => {
  it("keeps the newest of the list, regardless of their times", () => {
    const { kept, why } = planned(keepLatest(2), [
      { path: "a", time: 300 },
      { path: "b", time: 200 },
      { path: "c", time: 100 },
    ]);
    expect(kept).toEqual(["b", "c"]);
    expect(why).toMatchObject({ a: "delete: not among the newest 2", c: "keep: among the newest 2" });
  });

  it("gives a simpler reason for one", () => {
    expect(planned(keepLatest(1), records({ a: {}, b: {} })).why).toEqual({
      a: "delete: not the newest",
      b: "keep: the newest",
    });
  });
});

describe("keepAll", () => {
  it("keeps and lists every checkpoint", () => {
    const policy = keepAll();
    for (const record of records({ a: {}, b: {}, c: {} })) policy.record(record);
    expect(policy.lastCheckpoints.map(({ path }) => path)).toEqual(["a", "b", "c"]);
    expect(policy.decide()).toEqual([]);
    expect(planned(keepAll(), records({ a: {} })).why).toEqual({ a: "keep: everything is kept" });
  });
});

describe("keepBest", () => {
  it("keeps the highest or the lowest values, and names them", () => {
    const checkpoints = accuracies({ a: 0.5, b: 0.93, c: 0.71, d: 0.9, e: 0.95 });
    const highest = planned(keepBest({ metric: "accuracy", n: 3, mode: "max" }), checkpoints);
    expect(highest.kept).toEqual(["b", "d", "e"]);
    expect(highest.why).toMatchObject({
      c: "delete: its accuracy 0.71 is not among the best 3 (0.95 to 0.9)",
      d: "keep: its accuracy 0.9 is among the best 3",
    });
    const lowest = planned(keepBest({ metric: "accuracy", n: 1, mode: "min" }), checkpoints);
    expect(lowest.kept).toEqual(["a", "e"]);
    expect(lowest.why).toMatchObject({
      a: "keep: its accuracy 0.5 is the best",
      b: "delete: its accuracy 0.93 is not the best (0.5)",
      e: "keep: the state file names it as the latest",
    });
  });

  it("prefers the newer of equal checkpoints", () => {
    for (const [mode, last] of [
      ["max", 0],
      ["min", 2],
    ] as const) {
      const checkpoints = accuracies({ a: 1, b: 1, c: 1, last });
      expect(planned(keepBest({ metric: "accuracy", n: 2, mode }), checkpoints).kept).toEqual(["b", "c", "last"]);
    }
  });

  it("does not count missing metrics, NaN or inherited properties among the best", () => {
    const checkpoints = records({
      unknown: {},
      none: { metrics: {} },
      other: { metrics: { loss: 1 } },
      nan: { metrics: { accuracy: Number.NaN } },
      infinite: { metrics: { accuracy: Number.NEGATIVE_INFINITY } },
      last: { metrics: {} },
    });
    const { kept, why } = planned(keepBest({ metric: "accuracy", n: 9, mode: "max" }), checkpoints);
    expect(kept).toEqual(["unknown", "infinite", "last"]);
    expect(why).toMatchObject({
      unknown: "keep: its accuracy is not known",
      none: "delete: it has no accuracy",
      nan: "delete: its accuracy is NaN",
    });
    const inherited = planned(keepBest({ metric: "constructor", n: 9, mode: "max" }), checkpoints);
    expect(inherited.kept).toEqual(["unknown", "last"]);
  });

  it("still knows the best after a restart", () => {
    const options = { metric: "accuracy", n: 2, mode: "max" } as const;
    const before = keepBest(options);
    for (const record of accuracies({ a: 0.9, b: 0.8, c: 0.1 })) before.record(record);
    const after = keepBest(options);
    after.setLastCheckpoints(before.lastCheckpoints);
    for (const record of accuracies({ d: 0.2, e: 0.3 })) after.record(record);
    expect(after.lastCheckpoints.map(({ path }) => path)).toEqual(["a", "b", "e"]);
  });
});

describe("keepEveryNHours", () => {
  it("keeps the earliest of each interval since 1970", () => {
    const times = { a: 1 * HOUR, b: 5.9 * HOUR, c: 6 * HOUR, d: 7 * HOUR, e: 30 * HOUR, f: 31 * HOUR, g: 32 * HOUR };
    const checkpoints = Object.entries(times).map(([path, time]) => ({ path, time }));
    const { kept, why } = planned(keepEveryNHours(6), checkpoints);
    expect(kept).toEqual(["a", "c", "e", "g"]);
    expect(why).toMatchObject({
      c: "keep: the first of the 6 hours from 1970-01-01T06:00:00.000Z",
      f: "delete: not the first of the 6 hours from 1970-01-02T06:00:00.000Z",
    });
    expect(planned(keepEveryNHours(1), records({ a: {} })).why).toEqual({
      a: "keep: the first of the hour from 1970-01-01T00:00:00.000Z",
    });
  });

  it("keeps one per day for 24 hours", () => {
    const [noon, midnight] = [1_700_000_000 - (1_700_000_000 % DAY) + DAY / 2, 1_700_000_000 - (1_700_000_000 % DAY)];
    const checkpoints = [
      { path: "day 1", time: noon - DAY },
      { path: "day 1, last second", time: midnight - 1 },
      { path: "day 2, midnight", time: midnight },
      { path: "day 2", time: noon },
      { path: "last", time: noon + 1 },
    ];
    expect(planned(keepEveryNHours(24), checkpoints).kept).toEqual(["day 1", "day 2, midnight", "last"]);
  });

  it("uses the times of the checkpoints if the clock goes back", () => {
    const times = { ahead: 1000 * HOUR, a: 1.5 * HOUR, b: 1.2 * HOUR, c: 2.5 * HOUR, last: 2.6 * HOUR };
    const checkpoints = Object.entries(times).map(([path, time]) => ({ path, time }));
    expect(planned(keepEveryNHours(1), checkpoints).kept).toEqual(["ahead", "b", "c", "last"]);
  });

  it.each([1, 1e-320, 1e304])("keeps checkpoints with unknown times, with %s hours", (hours) => {
    const time = Number.POSITIVE_INFINITY;
    const { kept, why } = planned(keepEveryNHours(hours), records({ a: { time }, b: { time }, c: {} }));
    expect(kept).toEqual(["a", "b", "c"]);
    expect(why.a).toBe("keep: its time is not known");
  });
});

describe("keepEveryNSteps", () => {
  const atSteps = (steps: readonly (number | undefined)[]) =>
    steps.map((step, i) => ({ path: `${i}: ${step}`, time: i, step }));

  it("keeps multiples, or the first step after a multiple", () => {
    const { kept, why } = planned(keepEveryNSteps(1000), atSteps([500, 1000, 1500, 2001, 2501, 4000, 4500]));
    expect(kept).toEqual(["0: 500", "1: 1000", "3: 2001", "5: 4000", "6: 4500"]);
    expect(why).toMatchObject({
      "1: 1000": "keep: the first of steps 1000 to 1999",
      "4: 2501": "delete: not the first of steps 2000 to 2999",
    });
  });

  it("keeps a multiple even if a later step was saved before, and the older of equal steps", () => {
    expect(planned(keepEveryNSteps(10), atSteps([25, 20, 20, 29])).kept).toEqual(["1: 20", "3: 29"]);
  });

  it("keeps checkpoints without a step", () => {
    const { kept, why } = planned(keepEveryNSteps(10), atSteps([undefined, Number.NaN, undefined, 5, 6, 7]));
    expect(kept).toEqual(["0: undefined", "1: NaN", "2: undefined", "3: 5", "5: 7"]);
    expect(why["0: undefined"]).toBe("keep: its step is not known");
  });
});

describe("anyOf", () => {
  it("keeps the best and the latest, with a reason for each", () => {
    const policy = anyOf(keepLatest(2), keepBest({ metric: "accuracy", n: 2, mode: "max" }));
    const { kept, why } = planned(policy, accuracies({ a: 0.9, b: 0.71, c: 0.5, d: 0.93 }));
    expect(kept).toEqual(["a", "c", "d"]);
    expect(why).toEqual({
      a: "keep: its accuracy 0.9 is among the best 2",
      b: "delete: not among the newest 2; its accuracy 0.71 is not among the best 2 (0.93 to 0.9)",
      c: "keep: among the newest 2",
      d: "keep: among the newest 2; its accuracy 0.93 is among the best 2",
    });
  });

  it("keeps one of every 1000 steps and the newest two", () => {
    const steps = Array.from({ length: 250 }, (_, i) => i * 10);
    const checkpoints = steps.map((step) => ({ path: `${step}`, time: step, step }));
    const { kept } = planned(anyOf(keepEveryNSteps(1000), keepLatest(2)), checkpoints);
    expect(kept).toEqual(["0", "1000", "2000", "2480", "2490"]);
  });

  it("accepts other combinations and custom rules", () => {
    const releases = keepBy((list) => list.map(({ path }) => ({ keep: path.startsWith("r"), reason: "by name" })));
    const policy = anyOf(anyOf(keepLatest(1), releases), keepEveryNSteps(100));
    const checkpoints = records({ a: { step: 1 }, r1: { step: 2 }, b: { step: 3 }, c: { step: 4 } });
    expect(planned(policy, checkpoints).kept).toEqual(["a", "r1", "c"]);
  });

  it("uses only the rules of its parts, which can be reused", () => {
    const part = keepLatest(1);
    const [one, other] = [anyOf(part), anyOf(part)];
    one.record({ path: "a", time: 1 });
    other.record({ path: "b", time: 2 });
    expect([one, other, part].map((policy) => policy.lastCheckpoints.map(({ path }) => path))).toEqual([
      ["a"],
      ["b"],
      [],
    ]);
  });

  it("refuses parts that hold checkpoints", () => {
    const part = keepLatest(1);
    part.setLastCheckpoints([{ path: "a", time: 1 }]);
    expect(() => anyOf(part)).toThrow("A part of anyOf must not hold checkpoints");
  });

  it("refuses an empty list, and policies without a rule", () => {
    expect(() => anyOf()).toThrow(expect.objectContaining({ kind: "ValueError" }));
    const wrong = [tensorflowDefault({ startTime: 0 }), [keepAll()], undefined, () => []] as unknown as RulePolicy[];
    for (const part of wrong) expect(() => anyOf(keepAll(), part)).toThrow(TypeError);
    // @ts-expect-error: the types forbid it too
    expect(() => planRetention([], tensorflowDefault({ startTime: 0 }))).toThrow(TypeError);
  });
});

describe("arguments", () => {
  it.each([
    ["TypeError", () => keepLatest(2.5)],
    ["TypeError", () => keepLatest(Number.POSITIVE_INFINITY)],
    ["TypeError", () => keepLatest("3" as unknown as number)],
    ["ValueError", () => keepLatest(0)],
    ["ValueError", () => keepLatest(-1)],
    ["TypeError", () => keepEveryNSteps(Number.NaN)],
    ["ValueError", () => keepEveryNSteps(0)],
    ["TypeError", () => keepEveryNHours("1" as unknown as number)],
    ["ValueError", () => keepEveryNHours(0)],
    ["ValueError", () => keepEveryNHours(-1)],
    ["ValueError", () => keepEveryNHours(Number.NaN)],
    ["ValueError", () => keepEveryNHours(1e308)],
    ["TypeError", () => keepBest({ metric: "loss", n: 1.5, mode: "min" })],
    ["ValueError", () => keepBest({ metric: "loss", n: 0, mode: "min" })],
    ["TypeError", () => keepBest({ metric: "", n: 1, mode: "min" })],
    ["ValueError", () => keepBest({ metric: "loss", n: 1, mode: "lowest" as "min" })],
    ["TypeError", () => keepBy(undefined as never)],
  ])("are refused with a %s: %s", (name, make) => {
    expect(make).toThrow(expect.objectContaining({ name }));
  });
});
