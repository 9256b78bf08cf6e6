import { findDebris, removeDebris } from "@tfsaver/checkpoint-files";
import type { Storage } from "@tfsaver/storage";
import { FaultyStorage, type StorageOperation } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { isTried } from "../../../../tests/thorough.js";
import { fingerprint } from "./crashes.js";
import { type Kind, kinds, STORAGES } from "./histories.js";
import { FOLDER, History, Model, save } from "./history.js";
import { checkReaders, furnish } from "./survivors.js";

interface Outcome {
  readonly inner: Storage;
  readonly history: History;
  readonly operations: number;
  readonly failed: StorageOperation | undefined;
  /** Errors that were thrown, and warnings. */
  readonly reports: readonly unknown[];
}

/** Runs a history in which the n-th operation fails, and goes on after it. */
async function failing(kind: Kind, model: Model, n: number, makeStorage: () => Storage): Promise<Outcome> {
  const inner = makeStorage();
  await furnish(inner);
  let failed: StorageOperation | undefined;
  const storage = new FaultyStorage(inner, {
    tornBytes: 3,
    fail: (operation, number) => {
      if (number === n) failed = operation;
      return number === n;
    },
  });
  const reports: unknown[] = [];
  const options = { ...kind.options(), onWarning: (text: string) => void (text.includes("V1") || reports.push(text)) };
  const history = new History(model, storage, () => options, kind.returned);
  await history.run(kind.steps.slice(0, 4), (error) => reports.push(error));
  return { inner, history, operations: storage.operations, failed, reports };
}

/** True for removals of the files that shards were merged from: leftovers do no harm, and TensorFlow does not report them. */
function isHarmless({ kind, path }: StorageOperation): boolean {
  // A lock that can't be read or removed is tried again.
  if (path.endsWith(".saving") && kind !== "create" && kind !== "write") return true;
  return (kind === "remove" || kind === "removeDirectory") && path.includes("_temp");
}

const cases = STORAGES.flatMap(([where, makeStorage]) => kinds.map((kind) => ({ where, makeStorage, kind })));

describe.each(cases)("$kind.name, $where", ({ kind, makeStorage }) => {
  it("reports each operation that fails, keeps the old state or the new one, and continues", async () => {
    const model = new Model();
    const { operations } = await failing(kind, model, 0, makeStorage);
    expect(operations).toBeGreaterThan(30);
    const seen = new Set<string>();
    for (let n = 1; n <= operations; n++) {
      if (!isTried(n, 6)) continue;
      const { inner, history, failed, reports } = await failing(kind, model, n, makeStorage);
      const label = `operation ${n}: ${failed?.kind} ${failed?.path}`;
      const { expectation } = history;
      expect(failed !== undefined && (isHarmless(failed) || reports.length > 0), `${label} is reported`).toBe(true);
      // Many failures leave the same files; these are checked once.
      const state = await fingerprint(inner, expectation);
      if (seen.has(state)) continue;
      seen.add(state);
      const survivors = { kind, expectation, model, lostPower: false };
      await checkReaders(inner, survivors).catch((cause: Error) => {
        throw new Error(`${label}: ${cause.message}`, { cause });
      });
      const saver = model.saver(inner, { ...kind.options(), ...expectation.next.options, recover: true });
      const path = await save(saver, await model.holding(8880, inner), expectation.next);
      expect(await model.read(saver, path, inner), label).toBe(8880);
      await removeDebris(FOLDER, { storage: inner, olderThan: 0 });
      expect(await findDebris(FOLDER, { storage: inner, olderThan: 0 }), label).toEqual([]);
      expect(await model.read(saver, path, inner), label).toBe(8880);
    }
  }, 120_000);
});
