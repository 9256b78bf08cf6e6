import type { CheckpointRecord, RetentionDecision, RetentionPolicy } from "@tfsaver/retention";

type Records = readonly CheckpointRecord[];

/** A call of a policy: what was passed (`told`), what it returned (`gave`), and its list afterwards. */
export type RetentionEvent =
  | { readonly kind: "record"; readonly told: CheckpointRecord; readonly gave: Records; readonly listed: Records }
  | { readonly kind: "set"; readonly told: Records; readonly listed: Records }
  | { readonly kind: "decide"; readonly gave: readonly RetentionDecision[]; readonly listed: Records };

/** Drives a policy like a saver does, and records the calls. */
export class History {
  readonly events: RetentionEvent[] = [];
  readonly #policy: RetentionPolicy;
  readonly #lent: { readonly records: Records; readonly before: string }[] = [];
  #saves = 0;

  constructor(policy: RetentionPolicy) {
    this.#policy = policy;
  }

  /** Paths that are listed now. */
  get listed(): string[] {
    return this.#policy.lastCheckpoints.map(({ path }) => path);
  }

  /** True if no record or list that was passed or returned has changed since. */
  get isUnchanged(): boolean {
    return this.#lent.every(({ records, before }) => textOf(records) === before);
  }

  /** Saves a checkpoint. If writing the state file fails, no decisions are requested. */
  save(more: Partial<CheckpointRecord> = {}, { stateFails = false } = {}): void {
    const told = { ...checkpointOf(this.#saves++), ...more };
    const [given] = this.#lend([copyOf(told)]) as [CheckpointRecord];
    const gave = this.#lend(this.#policy.record(given)).map(copyOf);
    this.events.push({ kind: "record", told, gave, listed: this.#list() });
    if (!stateFails) this.decide();
  }

  /** Sets the list, and then changes the array that was passed. */
  set(told: Records): void {
    const given = told.map(copyOf);
    this.#policy.setLastCheckpoints(given);
    this.#lent.push({ records: [...given], before: textOf(told) });
    given.length = 0;
    this.events.push({ kind: "set", told, listed: this.#list() });
  }

  /** Requests the decisions after a save. */
  decide(): void {
    const gave = this.#policy.decide().map((decision) => ({ ...decision, checkpoint: copyOf(decision.checkpoint) }));
    this.events.push({ kind: "decide", gave, listed: this.#list() });
  }

  /** Requests decisions until there can be none left: a policy may return them one by one. */
  drain(): void {
    const told = this.events.flatMap((event) => (event.kind === "decide" ? [] : event.told));
    for (let i = 0; i <= told.length; i++) this.decide();
  }

  #list(): Records {
    return this.#lend(this.#policy.lastCheckpoints).map(copyOf);
  }

  #lend(records: Records): Records {
    this.#lent.push({ records, before: textOf(records) });
    return records;
  }
}

/** Describes checkpoints as text, for comparisons. */
export function textOf(checkpoints: Records): string {
  const texts = checkpoints.map(({ path, time, step, metrics }) => {
    const values = Object.entries(metrics ?? {}).map(([name, value]) => `${name} ${value}`);
    return `${path} (time ${time}, step ${step}${values.map((value) => `, ${value}`).join("")})`;
  });
  return `[${texts.join(", ")}]`;
}

/** Makes checkpoints of an earlier run, the newest last. */
export function earlierCheckpoints(count: number): CheckpointRecord[] {
  return Array.from({ length: count }, (_, i) => ({ ...checkpointOf(i - count), path: `earlier/model.ckpt-${i}` }));
}

/** Makes the `i`-th checkpoint of a run: one every 25 minutes and 100 steps, with metrics that go up and down. */
function checkpointOf(i: number): CheckpointRecord {
  const loss = ((((i * 37) % 23) + 23) % 23) / 23;
  const metrics = { loss, accuracy: 1 - loss };
  return { path: `model.ckpt-${i * 100}`, time: 1_700_000_000 + i * 1500, step: 10_000 + i * 100, metrics };
}

function copyOf(checkpoint: CheckpointRecord): CheckpointRecord {
  return checkpoint.metrics === undefined ? { ...checkpoint } : { ...checkpoint, metrics: { ...checkpoint.metrics } };
}
