import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import type { Storage } from "@tfsaver/storage";
import { FaultyStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { filesIn } from "../../../../fixtures/storage-files.js";
import { isTried } from "../../../../tests/thorough.js";
import { type Kind, kinds, STORAGES } from "./histories.js";
import { FOLDER, Model } from "./history.js";
import { furnish } from "./survivors.js";

/** Saves twice. The signal of the second save is aborted when the n-th operation begins. */
async function cancelling(kind: Kind, model: Model, path: string, n: number, makeStorage: () => Storage) {
  const inner = makeStorage();
  await furnish(inner);
  const saver = model.saver(inner, kind.options());
  const first = (await saver.save(await model.holding(10, inner), `${FOLDER}/m`)) as string;
  const names = () => filesIn(inner, FOLDER);
  const before = await names();
  const abort = new AbortController();
  const storage = new FaultyStorage(inner, {
    fail: (_, number) => {
      if (number === n) abort.abort();
      return false;
    },
  });
  const again = model.saver(storage, kind.options());
  const session = await model.holding(20, storage);
  const outcome = await again.save(session, path, { signal: abort.signal }).catch((error: unknown) => error);
  return { inner, saver, first, before, after: await names(), outcome, operations: storage.operations };
}

const cases = STORAGES.flatMap(([where, makeStorage]) => kinds.map((kind) => ({ where, makeStorage, kind })));

describe.each(cases)("$kind.name, $where", ({ kind, where, makeStorage }) => {
  it.each([
    ["a new path", `${FOLDER}/new`],
    ["the same path", `${FOLDER}/m`],
  ])("a save of %s that is canceled at any moment leaves the earlier checkpoint", async (_, path) => {
    const model = new Model();
    let canceled = 0;
    const { operations } = await cancelling(kind, model, path, Number.POSITIVE_INFINITY, makeStorage);
    for (let n = 1; n <= operations; n++) {
      if (!isTried(n, where === "on a disk" ? 6 : 2)) continue;
      const { inner, saver, first, before, after, outcome } = await cancelling(kind, model, path, n, makeStorage);
      if (typeof outcome === "string") {
        expect(await model.read(saver, outcome, inner)).toBe(20);
        continue;
      }
      canceled++;
      expect(outcome).toMatchObject({ kind: "CancelledError" });
      expect(after).toEqual(before);
      expect(await latestCheckpoint(FOLDER, { storage: inner })).toBe(first);
      // A save that replaces a checkpoint may have committed before the cancellation arrives.
      if (path !== `${FOLDER}/m`) expect(await model.read(saver, first, inner)).toBe(10);
      else expect([10, 20]).toContain(await model.read(saver, first, inner));
    }
    expect(canceled).toBeGreaterThan(0);
  });
});
