import { createHash } from "node:crypto";
import { findDebris, removeDebris } from "@tfsaver/checkpoint-files";
import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { normalizePath } from "@tfsaver/storage";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bucket } from "../../../fixtures/fake-s3/bucket.js";
import { FakeS3 } from "../../../fixtures/fake-s3/fake-s3.js";
import { atRequest, type FakeRequest, type Fault } from "../../../fixtures/fake-s3/faults.js";
import { isThorough, seedOfCommit } from "../../../tests/thorough.js";
import { type Kind, v1Kinds, v2Kinds, v2ShardedKinds } from "../../saver/test/crash/histories.js";
import { type Expectation, FOLDER, History, Model, save } from "../../saver/test/crash/history.js";
import { checkReaders, furnish } from "../../saver/test/crash/survivors.js";
import { S3Storage, type S3StorageOptions } from "../src/index.js";

let fake: FakeS3;
let buckets = 0;
beforeAll(async () => {
  fake = await FakeS3.start();
});
afterAll(() => fake.close());

/** What goes wrong at the n-th request; 0 for none. */
type FaultAt = (n: number) => (request: FakeRequest) => Fault | undefined;
const once =
  (fault: Fault): FaultAt =>
  (n) =>
    atRequest(n, fault);

const faults: Readonly<Record<string, FaultAt>> = {
  "500": once({ kind: "answer", status: 500, code: "InternalError" }),
  "500 though it was done": once({ kind: "answer", status: 500, code: "InternalError", done: true }),
  "503 SlowDown": once({ kind: "answer", status: 503, code: "SlowDown" }),
  "a reset": once({ kind: "reset" }),
  "a reset though it was done": once({ kind: "reset", done: true }),
  silence: once({ kind: "silence" }),
  "silence though it was done": once({ kind: "silence", done: true }),
  "a body that is cut": once({ kind: "cut", bytes: 5 }),
  "an old listing": once({ kind: "stale" }),
  "the end of the network": (n) => {
    let count = 0;
    return () => (n > 0 && ++count >= n ? { kind: "reset" } : undefined);
  },
};

interface Outcome {
  readonly bucket: Bucket;
  readonly storage: S3Storage;
  readonly expectation: Expectation;
  /** Requests that were made while a fault could happen. */
  readonly log: readonly string[];
  /** True if anything failed or warned. */
  readonly isReported: boolean;
}

/** Saves four times, cleans up and restores, on a server on which something goes wrong at the n-th request. */
async function suffer(kind: Kind, model: Model, n: number, faultAt: FaultAt, timeoutMs: number): Promise<Outcome> {
  const name = `saves-${++buckets}`;
  const make = (options: Partial<S3StorageOptions>) =>
    new S3Storage({ client: fake.client(), bucket: name, backoffMs: 1, ...options });
  fake.reset();
  const storage = make({});
  await furnish(storage);
  const failing = make({ maxAttempts: 1, timeoutMs });
  const reports: unknown[] = [];
  const onError = (error: unknown) => void reports.push(error);
  const options = { ...kind.options(), onWarning: (text: string) => void (text.includes("V1") || reports.push(text)) };
  const history = new History(model, failing, () => options, kind.returned);
  fake.reset();
  fake.fault = faultAt(n);
  await history.run(kind.steps.slice(0, 4), onError);
  const { expectation } = history;
  await removeDebris(FOLDER, { storage: failing, olderThan: 0 }).catch(onError);
  await restore(failing).catch(onError);
  const { log } = fake;
  fake.reset();
  return { bucket: fake.bucket(name), storage, expectation, log, isReported: reports.length > 0 };

  /** A restore fails, or finds what may be there. */
  async function restore(from: S3Storage): Promise<void> {
    const latest = await latestCheckpoint(FOLDER, { storage: from, onWarning: onError });
    if (reports.length === 0) expect(expectation.latest).toContain(latest);
    if (latest === undefined) return;
    const value = await model.read(model.saver(from, options), latest, from);
    expect(expectation.values.get(normalizePath(latest))).toContain(value);
  }
}

/** Returns the same text for two buckets only if they hold the same, and the same is expected of them. */
function fingerprint({ bucket, expectation: { next, values, latest } }: Outcome): string {
  const objects = [...bucket.objects].map(([key, { etag }]) => [key, etag]);
  const uploads = [...bucket.uploads.values()].map(({ key, parts }) => [
    key,
    [...parts.values()].map(({ etag }) => etag),
  ]);
  return createHash("sha256")
    .update(JSON.stringify([objects.sort(), uploads.sort(), next, [...values], latest]))
    .digest("hex");
}

/** New paths, replaced ones, removed ones; one shard and several. */
const kinds = [v2Kinds[1], v2ShardedKinds[0], v1Kinds[1]] as Kind[];

describe.each(kinds)("$name", (kind) => {
  const model = new Model();
  /** The requests of a run in which nothing goes wrong. */
  let requests: readonly string[];
  beforeAll(async () => {
    const { log, isReported } = await suffer(kind, model, 0, () => () => undefined, 30_000);
    expect(isReported).toBe(false);
    expect(log.length).toBeGreaterThan(40);
    requests = log;
  });

  /** Returns the requests that a fault meets, other ones after each commit: a third of them, or in `npm test` one. */
  function triedFor(name: string): number[] {
    const all = requests.flatMap((request, i) =>
      name === "an old listing" && !request.startsWith("List") ? [] : [i + 1],
    );
    const number = Object.keys(faults).indexOf(name);
    const first = seedOfCommit() + 17 * number;
    return isThorough ? all.filter((n) => (n + first) % 3 === 0) : [all[first % all.length] as number];
  }

  /** In `npm test`, each fault meets one kind of saves, another one after each commit. */
  const met = Object.entries(faults).filter(
    (_, i) => isThorough || (seedOfCommit() + i) % kinds.length === kinds.indexOf(kind),
  );
  it.each(met)(
    "%s, at any request, is an error or is not noticed, and loses no checkpoint",
    {
      timeout: 3_600_000,
    },
    async (name, faultAt) => {
      const seen = new Set<string>();
      for (const n of triedFor(name)) {
        const outcome = await suffer(kind, model, n, faultAt, name.startsWith("silence") ? 200 : 30_000);
        const { storage, expectation } = outcome;
        const state = fingerprint(outcome);
        if (seen.has(state)) continue;
        seen.add(state);
        const survivors = { kind, expectation, model, lostPower: false };
        try {
          await removeDebris(FOLDER, { storage, olderThan: 0 });
          await checkReaders(storage, survivors);
          const saver = model.saver(storage, { ...kind.options(), ...expectation.next.options, recover: true });
          const path = await save(saver, await model.holding(8880, storage), expectation.next);
          expect(await model.read(saver, path, storage)).toBe(8880);
          await removeDebris(FOLDER, { storage, olderThan: 0 });
          expect(await findDebris(FOLDER, { storage, olderThan: 0 })).toEqual([]);
          expect(await model.read(saver, path, storage)).toBe(8880);
          expect(outcome.bucket.uploads.size).toBe(0);
        } catch (cause) {
          throw new Error(`${name} at ${n}: ${outcome.log[n - 1]}: ${(cause as Error).message}`, { cause });
        }
      }
    },
  );
});
