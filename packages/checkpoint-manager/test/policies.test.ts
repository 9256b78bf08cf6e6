import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  everyNSeconds,
  everyNSteps,
  onImprovement,
  onRequest,
  type SavePolicy,
  type SaveSituation,
} from "../src/index.js";
import { startRun } from "./model.js";

const situation = (given: Partial<SaveSituation> = {}): SaveSituation => ({
  ...{ step: 1, time: 1, metrics: {}, since: { step: 0, time: 0 }, checkpoints: [], isRequested: false },
  ...given,
});

/** Runs a policy over steps with their times and losses, and returns the steps at which it saves. */
function savedSteps(policy: SavePolicy, steps: readonly { step: number; time: number; loss?: number }[]): number[] {
  let since = { step: 0, time: 0 };
  const checkpoints: { path: string; time: number; metrics: Record<string, number> }[] = [];
  const saved: number[] = [];
  for (const { step, time, loss } of steps) {
    const metrics = loss === undefined ? {} : { loss };
    if (!policy.decide(situation({ step, time, metrics, since, checkpoints })).save) continue;
    since = { step, time };
    checkpoints.push({ path: `m-${step}`, time, metrics });
    saved.push(step);
  }
  return saved;
}

/** Ascending steps and times, with any gaps. */
const loops = fc
  .array(fc.record({ steps: fc.integer({ min: 1, max: 9 }), seconds: fc.integer({ min: 0, max: 9 }) }), {
    maxLength: 60,
  })
  .map((gaps) => {
    let last = { step: 0, time: 0 };
    return gaps.map((gap) => {
      last = { step: last.step + gap.steps, time: last.time + gap.seconds };
      return last;
    });
  });

/** Returns the steps whose value is `n` or more above that of the last one returned; before it, above 0. */
function everyN(loop: readonly { step: number; time: number }[], n: number, of: "step" | "time"): number[] {
  let last = 0;
  return loop.flatMap((one) => {
    if (one[of] - last < n) return [];
    last = one[of];
    return [one.step];
  });
}

test("everyNSteps saves at the first step that is n or more after the last save, and at no other", () => {
  fc.assert(
    fc.property(loops, fc.integer({ min: 1, max: 20 }), (loop, n) => {
      expect(savedSteps(everyNSteps(n), loop)).toEqual(everyN(loop, n, "step"));
    }),
  );
});

test("everyNSeconds saves at the first step that is n seconds or more after the last save, and at no other", () => {
  fc.assert(
    fc.property(loops, fc.integer({ min: 1, max: 20 }), (loop, n) => {
      expect(savedSteps(everyNSeconds(n), loop)).toEqual(everyN(loop, n, "time"));
    }),
  );
});

test("onImprovement saves exactly the values that are better than all saved ones", () => {
  const losses = fc.array(fc.oneof(fc.double(), fc.constant(undefined)), { maxLength: 40 });
  fc.assert(
    fc.property(losses, fc.constantFrom("min" as const, "max" as const), (values, mode) => {
      let best: number | undefined;
      const isBetter = (value: number | undefined) =>
        value !== undefined &&
        !Number.isNaN(value) &&
        (best === undefined || (mode === "min" ? value < best : value > best));
      const expected = values.flatMap((value, step) => {
        if (!isBetter(value)) return [];
        best = value;
        return [step];
      });
      const loop = values.map((loss, step) => ({ step, time: 0, ...(loss === undefined ? {} : { loss }) }));
      expect(savedSteps(onImprovement("loss", mode), loop)).toEqual(expected);
    }),
  );
});

test("of several policies one is enough, and the reason names those that save", async () => {
  const verdicts = fc.array(fc.record({ save: fc.boolean(), reason: fc.string() }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(verdicts, async (parts) => {
      const { manager, set } = startRun({ every: parts.map((verdict) => ({ decide: () => verdict })) });
      await set(1);
      const { saved, reason } = await manager.maybeSave(1);
      expect(saved).toBe(parts.some((part) => part.save));
      expect(reason).toBe(
        parts
          .filter((part) => part.save === saved)
          .map((part) => part.reason)
          .join("; "),
      );
    }),
    { numRuns: 30 },
  );
});

test("intervals and policies can be mixed", async () => {
  const { manager, set } = startRun({ every: [{ steps: 10 }, onImprovement("loss", "min"), onRequest()] });
  await set(1);
  expect(await manager.maybeSave(1, { metrics: { loss: 3 } })).toMatchObject({ reason: "loss 3 is the first one" });
  expect(await manager.maybeSave(11)).toMatchObject({ saved: true, reason: "10 steps since step 1" });
});

test("a policy gives the same verdict for the same situation, whatever it was asked before", () => {
  const policies = [everyNSteps(7), everyNSeconds(7), onImprovement("loss", "max"), onRequest()];
  const situations = fc.record({
    step: fc.nat(50),
    time: fc.nat(50),
    metrics: fc.record({ loss: fc.double() }),
    since: fc.record({ step: fc.nat(50), time: fc.nat(50) }),
    checkpoints: fc.array(fc.record({ path: fc.string(), time: fc.nat(), metrics: fc.record({ loss: fc.double() }) })),
    isRequested: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(situations, { minLength: 1 }), fc.constantFrom(...policies), (asked, policy) => {
      const once = asked.map((one) => policy.decide(one));
      const again = asked.toReversed().map((one) => policy.decide(one));
      expect(again.toReversed()).toEqual(once);
    }),
  );
});

describe("reasons are for a person to read", () => {
  const loss = (value: number) => ({ metrics: { loss: value } });
  const kept = [{ path: "m-1", time: 0, ...loss(0.5) }];
  test.for([
    [everyNSteps(10), { step: 4 }, "4 of 10 steps since step 0"],
    [everyNSteps(10), { step: 25, since: { step: 10, time: 0 } }, "15 steps since step 10"],
    [everyNSeconds(60), { time: 12.7 }, "12 of 60 seconds since the last save"],
    [everyNSeconds(60), { time: 61 }, "61 seconds since the last save"],
    [onImprovement("loss", "min"), {}, "loss was not measured"],
    [onImprovement("loss", "min"), loss(Number.NaN), "loss is NaN"],
    [onImprovement("loss", "min"), loss(2), "loss 2 is the first one"],
    [onImprovement("loss", "min"), { ...loss(0.4), checkpoints: kept }, "loss 0.4 is better than 0.5"],
    [onImprovement("loss", "min"), { ...loss(0.5), checkpoints: kept }, "loss 0.5 is not better than 0.5"],
    [onRequest(), { isRequested: true }, "save-now exists"],
    [onRequest("now"), {}, "now does not exist"],
  ] as const)("%#: %s", ([policy, given, reason]) => {
    expect(policy.decide(situation(given)).reason).toBe(reason);
  });
});

test.for([
  ["steps of 0", () => everyNSteps(0), /at|above/],
  ["half a step", () => everyNSteps(0.5), TypeError],
  ["seconds that are not a number", () => everyNSeconds(Number.NaN), /above 0/],
  ["no metric", () => onImprovement("", "min"), TypeError],
  ["an unknown mode", () => onImprovement("loss", "low" as "min"), /"min" or "max"/],
  ["a file in another folder", () => onRequest("../save-now"), TypeError],
  ["nothing", () => startRun({ every: [] }), /at least one/],
  ["two request files", () => startRun({ every: [onRequest("a"), onRequest("b")] }), /one request file, not a and b/],
] as const)("a policy refuses %s", ([, make, error]) => {
  expect(make).toThrow(error);
});
