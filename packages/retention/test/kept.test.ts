import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  anyOf,
  bestFirst,
  keepBest,
  keepBy,
  keepLatest,
  keptCheckpoints,
  type RetentionPolicy,
  tensorflowDefault,
} from "../src/index.js";

const loss = { metric: "loss", mode: "min" } as const;
const record = (time: number, value?: number) => ({
  path: `m-${time}`,
  time,
  metrics: value === undefined ? {} : { loss: value },
});

describe("keptCheckpoints", () => {
  const reasons = (policy: RetentionPolicy, values: readonly number[]) => {
    for (const [time, value] of values.entries()) policy.record(record(time, value));
    return keptCheckpoints(policy).map(({ path, reason }) => `${path}: ${reason}`);
  };

  test("gives the reason of the rule", () => {
    const policy = anyOf(keepLatest(1), keepBest({ ...loss, n: 1 }));
    expect(reasons(policy, [0.5, 0.1, 0.3])).toEqual(["m-1: its loss 0.1 is the best", "m-2: the newest"]);
  });

  test("tells that a checkpoint stays only until the next save", () => {
    const policy = keepLatest(1);
    policy.setLastCheckpoints([record(1), record(2)]);
    expect(keptCheckpoints(policy)[0]?.reason).toBe("the next save removes it: not the newest");
  });

  test("gives the limit of TensorFlow's policy, as it is now", () => {
    const options = { maxToKeep: 2, startTime: 0 };
    const policy = tensorflowDefault(options);
    expect(reasons(policy, [1, 2, 3])).toEqual(["m-1: maxToKeep is 2", "m-2: maxToKeep is 2"]);
    options.maxToKeep = 3;
    expect(keptCheckpoints(policy)[0]?.reason).toBe("maxToKeep is 3");
  });

  test("gives a reason for a policy that has none", () => {
    const lastCheckpoints = [record(1)];
    const policy = { lastCheckpoints, setLastCheckpoints: () => undefined, record: () => [], decide: () => [] };
    expect(keptCheckpoints(policy)).toEqual([{ ...record(1), reason: "its retention policy lists it" }]);
  });
});

test("bestFirst sorts by the metric, the newer of equals first, and leaves out what has none", () => {
  const values = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(undefined), fc.constant(Number.NaN)));
  fc.assert(
    fc.property(values, fc.constantFrom("min" as const, "max" as const), (given, mode) => {
      const sorted = bestFirst(
        given.map((value, time) => record(time, value)),
        { ...loss, mode },
      );
      expect(sorted).toHaveLength(given.filter((value) => value !== undefined && !Number.isNaN(value)).length);
      for (const [i, { time, metrics }] of sorted.entries()) {
        const next = sorted[i + 1];
        if (next === undefined) continue;
        const [here, there] = [Number(metrics.loss), Number(next.metrics.loss)];
        const isBetter = mode === "min" ? here < there : here > there;
        expect(isBetter || (here === there && time > next.time)).toBe(true);
      }
    }),
  );
});

test("a policy tells by which metric it keeps the best", () => {
  const best = keepBest({ ...loss, n: 2 });
  expect(best.ranking).toEqual(loss);
  expect(anyOf(keepLatest(1), keepBest({ ...loss, n: 2 })).ranking).toEqual(loss);
  expect(keepLatest(1).ranking).toBeUndefined();
  expect(keepBy(best.rule, loss).ranking).toEqual(loss);
});
