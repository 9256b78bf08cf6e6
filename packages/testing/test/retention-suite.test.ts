import {
  anyOf,
  type CheckpointRecord,
  keepAll,
  keepBest,
  keepBy,
  keepEveryNHours,
  keepEveryNSteps,
  keepLatest,
  type RetentionDecision,
  type RetentionPolicy,
  tensorflowDefault,
} from "@tfsaver/retention";
import { ContractError, type RetentionSuiteOptions, retentionSuite } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";

const startTime = 1_700_000_000;
const ours: Record<string, [create: () => RetentionPolicy, options?: RetentionSuiteOptions]> = {
  keepAll: [keepAll],
  "keepLatest(1)": [() => keepLatest(1)],
  "keepLatest(3)": [() => keepLatest(3)],
  keepBest: [() => keepBest({ metric: "accuracy", n: 2, mode: "max" })],
  keepEveryNHours: [() => keepEveryNHours(2)],
  keepEveryNSteps: [() => keepEveryNSteps(1000)],
  anyOf: [() => anyOf(keepLatest(2), keepBest({ metric: "loss", n: 2, mode: "min" }), keepEveryNSteps(500))],
  "keepBy a rule that wants none": [() => keepBy((list) => list.map(() => ({ keep: false, reason: "not wanted" })))],
  tensorflowDefault: [() => tensorflowDefault({ startTime })],
  "tensorflowDefault, one an hour": [
    () => tensorflowDefault({ maxToKeep: 2, keepCheckpointEveryNHours: 1, startTime }),
  ],
  "tensorflowDefault without a limit": [() => tensorflowDefault({ maxToKeep: null, startTime })],
  "tensorflowDefault with a negative limit": [
    () => tensorflowDefault({ maxToKeep: -1, startTime: 3e9 }),
    { mayDeleteNewest: true },
  ],
};

for (const [subject, [create, options]] of Object.entries(ours)) {
  describe(subject, () => {
    for (const { name, run } of retentionSuite(create, options)) it(name, run);
  });
}

/** Keeps the newest two checkpoints, and the contract. */
class Newest2 implements RetentionPolicy {
  last: CheckpointRecord[] = [];
  letGo: CheckpointRecord[] = [];

  get lastCheckpoints(): readonly CheckpointRecord[] {
    return this.last;
  }

  setLastCheckpoints(checkpoints: readonly CheckpointRecord[]): void {
    this.last = [...checkpoints];
  }

  record(checkpoint: CheckpointRecord): readonly CheckpointRecord[] {
    const isOther = ({ path }: CheckpointRecord) => path !== checkpoint.path;
    const list = [...this.last.filter(isOther), checkpoint];
    this.letGo = [...this.letGo.filter(isOther), ...list.slice(0, -2)];
    this.last = list.slice(-2);
    return this.last;
  }

  decide(): readonly RetentionDecision[] {
    const due = this.letGo;
    this.letGo = [];
    return due.map((checkpoint) => ({ checkpoint, action: "delete", reason: "two newer ones are kept" }));
  }
}

const RECORD_GIVES = "record returns the list that lastCheckpoints then holds";
const ORDER = "lists checkpoints in the order of saving, each once, newest last";
const TOLD = "lists and decides only on checkpoints that were recorded or set";
const SET = "setLastCheckpoints replaces the list";
const LEAVES = "decides on every checkpoint that leaves the list";
const STATE_FAILS = "keeps decisions pending when writing the state file fails";
const SET_ANEW = "keeps decisions pending when the list is replaced";
const ONCE = "returns each decision once";
const LISTED = "never decides on a listed checkpoint";
const AGAIN = "cancels a pending decision when the checkpoint is saved again";
const UNCHANGED = "changes no record or list that was passed or returned";
const UNKNOWN = "accepts checkpoints with unknown time, step and metrics";
const WHY = "gives a reason for each decision";
const NEWEST = "does not delete a checkpoint at its own save";

/** Policies that break a rule, and the only cases that must fail. */
const broken: Record<string, [policy: new () => RetentionPolicy, cases: readonly string[]]> = {
  "gives another list than it holds": [
    class extends Newest2 {
      override record(checkpoint: CheckpointRecord) {
        return super.record(checkpoint).slice(-1);
      }
    },
    [RECORD_GIVES],
  ],
  "lists the newest first": [
    class extends Newest2 {
      override get lastCheckpoints() {
        return [...this.last].reverse();
      }
      override setLastCheckpoints(checkpoints: readonly CheckpointRecord[]) {
        this.last = [...checkpoints].reverse();
      }
      override record(checkpoint: CheckpointRecord) {
        super.record(checkpoint);
        return this.lastCheckpoints;
      }
    },
    [ORDER],
  ],
  "goes by times instead of saves": [
    class extends Newest2 {
      override record(checkpoint: CheckpointRecord) {
        super.record(checkpoint);
        this.last.sort((a, b) => a.time - b.time);
        return this.last;
      }
    },
    [ORDER],
  ],
  "lists a checkpoint twice when it is saved again": [
    class extends Newest2 {
      override record(checkpoint: CheckpointRecord) {
        const known = this.last;
        super.record(checkpoint);
        this.last = [...known.filter(({ path }) => path === checkpoint.path), ...this.last];
        return this.last;
      }
    },
    [ORDER, AGAIN],
  ],
  "rounds times": [
    class extends Newest2 {
      override record(checkpoint: CheckpointRecord) {
        return super.record({ ...checkpoint, time: Math.round(checkpoint.time / 1000) * 1000 });
      }
    },
    [TOLD, AGAIN, UNKNOWN],
  ],
  "decides upon what it was never told of": [
    class extends Newest2 {
      #isFirst = true;
      override decide() {
        const alien = { path: "elsewhere/model.ckpt-1", time: 0 };
        const decision = { checkpoint: alien, action: "delete", reason: "not ours" } as const;
        const isFirst = this.#isFirst;
        this.#isFirst = false;
        return isFirst ? [decision, ...super.decide()] : super.decide();
      }
    },
    [TOLD, AGAIN, UNKNOWN],
  ],
  "adds to the list that is set": [
    class extends Newest2 {
      override setLastCheckpoints(checkpoints: readonly CheckpointRecord[]) {
        this.last = [...this.last, ...checkpoints];
      }
    },
    [SET],
  ],
  "shares the list that is set with its caller": [
    class extends Newest2 {
      override setLastCheckpoints(checkpoints: CheckpointRecord[]) {
        this.last = checkpoints;
      }
    },
    [SET],
  ],
  "forgets its decisions": [
    class extends Newest2 {
      override decide() {
        super.decide();
        return [];
      }
    },
    [LEAVES, STATE_FAILS, SET_ANEW, UNKNOWN],
  ],
  "takes note of every other save": [
    class extends Newest2 {
      #saves = 0;
      override record(checkpoint: CheckpointRecord) {
        return this.#saves++ % 2 === 0 ? super.record(checkpoint) : this.last;
      }
    },
    [ORDER, LEAVES, STATE_FAILS, SET_ANEW, AGAIN, UNKNOWN],
  ],
  "forgets decisions that are not asked for at once": [
    class extends Newest2 {
      override record(checkpoint: CheckpointRecord) {
        this.letGo = [];
        return super.record(checkpoint);
      }
    },
    [STATE_FAILS, SET_ANEW],
  ],
  "forgets decisions when the list is set": [
    class extends Newest2 {
      override setLastCheckpoints(checkpoints: readonly CheckpointRecord[]) {
        super.setLastCheckpoints(checkpoints);
        this.letGo = [];
      }
    },
    [SET_ANEW],
  ],
  "repeats its decisions": [
    class extends Newest2 {
      override decide() {
        const due = this.letGo;
        const decisions = super.decide();
        this.letGo = due;
        return decisions;
      }
    },
    [ONCE],
  ],
  "decides before the list without the checkpoint is written": [
    class extends Newest2 {
      override record(checkpoint: CheckpointRecord) {
        const last = this.last.filter(({ path }) => path !== checkpoint.path);
        this.letGo = [...this.letGo.filter(({ path }) => path !== checkpoint.path), ...last.slice(0, -1)];
        this.last = [...last.filter(({ path }) => !this.letGo.some((gone) => gone.path === path)), checkpoint];
        return [...last, checkpoint];
      }
    },
    [RECORD_GIVES, LISTED, AGAIN],
  ],
  "deletes for a first life": [
    class extends Newest2 {
      override record(checkpoint: CheckpointRecord) {
        const letGo = this.letGo;
        this.letGo = [];
        super.record(checkpoint);
        this.letGo = [...letGo, ...this.letGo];
        return this.last;
      }
    },
    [AGAIN],
  ],
  "changes the records": [
    class extends Newest2 {
      override record(checkpoint: CheckpointRecord) {
        return super.record(Object.assign(checkpoint, { step: 0 }));
      }
    },
    [TOLD, AGAIN, UNCHANGED, UNKNOWN],
  ],
  "changes the list that is set": [
    class extends Newest2 {
      override setLastCheckpoints(checkpoints: CheckpointRecord[]) {
        super.setLastCheckpoints(checkpoints);
        checkpoints.splice(0, 1);
      }
    },
    [UNCHANGED],
  ],
  "changes a list that it gave": [
    class extends Newest2 {
      override record(checkpoint: CheckpointRecord) {
        const before = this.last;
        before.splice(0, before.length, ...super.record(checkpoint));
        this.last = before;
        return before;
      }
    },
    [UNCHANGED],
  ],
  "wants to know when": [
    class extends Newest2 {
      override record(checkpoint: CheckpointRecord) {
        if (!Number.isFinite(checkpoint.time)) throw new RangeError("no time");
        return super.record(checkpoint);
      }
    },
    [UNKNOWN],
  ],
  "wants metrics": [
    class extends Newest2 {
      override record(checkpoint: CheckpointRecord) {
        return "loss" in (checkpoint.metrics as object) ? super.record(checkpoint) : this.last;
      }
    },
    [UNKNOWN],
  ],
  "gives no reason": [
    class extends Newest2 {
      override decide() {
        return super.decide().map((decision) => ({ ...decision, reason: " " }));
      }
    },
    [WHY],
  ],
  "has an action of its own": [
    class extends Newest2 {
      override decide() {
        return super.decide().map((decision) => ({ ...decision, action: "archive" as "keep" }));
      }
    },
    [WHY],
  ],
  "deletes what is not better at once": [
    class extends Newest2 {
      override record(checkpoint: CheckpointRecord) {
        if (this.last.length < 2 || this.last.some(({ path }) => path === checkpoint.path)) {
          return super.record(checkpoint);
        }
        this.letGo = [...this.letGo.filter(({ path }) => path !== checkpoint.path), checkpoint];
        return this.last;
      }
    },
    [NEWEST],
  ],
};

async function failures(create: () => RetentionPolicy, options?: RetentionSuiteOptions): Promise<Map<string, unknown>> {
  const failed = new Map<string, unknown>();
  for (const { name, run } of retentionSuite(create, options)) {
    await run().catch((error: unknown) => failed.set(name, error));
  }
  return failed;
}

describe("retentionSuite", () => {
  it("passes a policy that keeps the contract", async () => {
    expect(await failures(() => new Newest2())).toEqual(new Map());
  });

  it.each(Object.entries(broken))("fails a policy that %s", async (_, [policy, cases]) => {
    expect([...(await failures(() => new policy())).keys()].sort()).toEqual([...cases].sort());
  });

  it("throws a ContractError that describes the problem", async () => {
    const [policy] = broken["repeats its decisions"] as [new () => RetentionPolicy, readonly string[]];
    const error = (await failures(() => new policy())).get(ONCE);
    expect(error).toBeInstanceOf(ContractError);
    expect((error as Error).message).toBe("model.ckpt-0 was decided on twice");
  });

  it("has a failing policy for every case", () => {
    const names = retentionSuite(() => new Newest2()).map(({ name }) => name);
    expect([...new Set(Object.values(broken).flatMap(([, cases]) => cases))].sort()).toEqual([...names].sort());
  });

  it("allows a policy to delete the newest checkpoint with mayDeleteNewest", async () => {
    const create = () => tensorflowDefault({ maxToKeep: -1, startTime: 3e9 });
    expect([...(await failures(create)).keys()]).toEqual([NEWEST]);
    expect(await failures(create, { mayDeleteNewest: true })).toEqual(new Map());
  });
});
