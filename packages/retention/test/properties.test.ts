import {
  anyOf,
  type CheckpointRecord,
  keepBest,
  keepEveryNHours,
  keepEveryNSteps,
  keepLatest,
  type RulePolicy,
} from "@tfsaver/retention";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

/** True if a checkpoint is to be kept, given all that were ever saved, in order. */
type Definition = (all: readonly CheckpointRecord[], i: number) => boolean;

const latest3: Definition = (all, i) => all.length - i <= 3;

const best2: Definition = (all, i) => {
  const loss = (k: number) => all[k]?.metrics?.loss ?? Number.NaN;
  const beats = (k: number) => loss(k) < loss(i) || (loss(k) === loss(i) && k > i);
  if (all[i]?.metrics === undefined) return true;
  return !Number.isNaN(loss(i)) && all.filter((_, k) => beats(k)).length < 2;
};

/** True if no checkpoint of the same interval has a lower number, or an equal one and is older. */
function isFirst(numbers: readonly number[], i: number, size: number): boolean {
  const mine = numbers[i] as number;
  if (!Number.isFinite(mine)) return true;
  const beats = (other: number, k: number) =>
    Math.floor(other / size) === Math.floor(mine / size) && (other < mine || (other === mine && k < i));
  return !numbers.some(beats);
}

const every2Hours: Definition = (all, i) =>
  isFirst(
    all.map(({ time }) => time),
    i,
    7200,
  );

const every10Steps: Definition = (all, i) =>
  isFirst(
    all.map(({ step }) => step ?? Number.NaN),
    i,
    10,
  );

const subjects: Record<string, [make: () => RulePolicy, definition: Definition]> = {
  latest: [() => keepLatest(3), latest3],
  best: [() => keepBest({ metric: "loss", n: 2, mode: "min" }), best2],
  hours: [() => keepEveryNHours(2), every2Hours],
  steps: [() => keepEveryNSteps(10), every10Steps],
  "best and latest": [
    () => anyOf(keepLatest(3), keepBest({ metric: "loss", n: 2, mode: "min" })),
    (all, i) => latest3(all, i) || best2(all, i),
  ],
  "steps, best and hours": [
    () => anyOf(keepEveryNSteps(10), keepBest({ metric: "loss", n: 2, mode: "min" }), keepEveryNHours(2)),
    (all, i) => every10Steps(all, i) || best2(all, i) || every2Hours(all, i),
  ],
};

/** A save: the record of the checkpoint, and the events around it. */
const saves = fc.array(
  fc.record({
    time: fc.oneof(
      { arbitrary: fc.integer({ min: 0, max: 30_000 }), weight: 9 },
      { arbitrary: fc.constant(Number.POSITIVE_INFINITY), weight: 1 },
    ),
    step: fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined }),
    metrics: fc.option(fc.record({ loss: fc.constantFrom(0.1, 0.2, 0.3, 0.4, 0.5, Number.NaN) }), { nil: undefined }),
    stateFails: fc.boolean(),
    restart: fc.boolean(),
  }),
  { maxLength: 30 },
);

describe.each(Object.entries(subjects))("in any history, %s", (_, [make, definition]) => {
  it("keeps the checkpoints that its definition selects from all saves, and the newest", () => {
    fc.assert(
      fc.property(saves, (history) => {
        let policy = make();
        const all: CheckpointRecord[] = [];
        const files = new Set<string>();
        const carryOut = () => {
          for (const { checkpoint, action } of policy.decide()) {
            expect(action).toBe("delete");
            expect(files.delete(checkpoint.path)).toBe(true);
          }
        };
        for (const [i, { stateFails, restart, ...rest }] of history.entries()) {
          const checkpoint = { path: `m-${i}`, ...rest };
          all.push(checkpoint);
          files.add(checkpoint.path);
          const listed = policy.record(checkpoint);
          expect(listed).toEqual(all.filter((_, k) => k === i || definition(all, k)));
          if (!stateFails) carryOut();
          if (restart) {
            carryOut();
            policy = make();
            policy.setLastCheckpoints(listed);
          }
        }
        carryOut();
        expect([...files]).toEqual(policy.lastCheckpoints.map(({ path }) => path));
      }),
    );
  });
});
