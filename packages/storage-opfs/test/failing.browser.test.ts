import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import type { Storage } from "@tfsaver/storage";
import { withPrefix } from "@tfsaver/storage/wrappers";
import { FaultyStorage, type StorageOperation } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { filesIn } from "../../../fixtures/storage-files.js";
import { FOLDER, History, Model } from "../../saver/test/crash/history.js";
import { checkReaders, furnish } from "../../saver/test/crash/survivors.js";
import { freshFolder } from "./fresh-folder.js";
import { sample } from "./stopped-saver.js";

/** Number of operations of each kind that are tried. */
const TRIED = 5;

/** Gives `use` an empty folder, whose operations fail where `fail` says so. Returns their number. */
async function inFolder(
  fail: (operation: StorageOperation, number: number) => boolean,
  use: (storage: FaultyStorage, inner: Storage) => Promise<void>,
): Promise<number> {
  const { storage, root, cleanup } = await freshFolder();
  const inner = withPrefix(storage, root);
  await furnish(inner);
  const faulty = new FaultyStorage(inner, { tornBytes: 3, fail });
  await use(faulty, inner);
  await cleanup?.();
  return faulty.operations;
}

describe.each(sample)("$name", (kind) => {
  it("an operation that fails leaves the old state or the new one, and the next save succeeds", async () => {
    const model = new Model();
    const failing = (n: number) =>
      inFolder(
        (_, number) => number === n,
        async (storage, inner) => {
          const history = new History(model, storage, kind.options, kind.returned);
          await history.run(kind.steps, () => undefined);
          await checkReaders(inner, { kind, expectation: history.expectation, model, lostPower: false });
        },
      );
    const operations = await failing(0);
    for (let i = 1; i <= TRIED; i++) await failing(Math.floor((i * operations) / (TRIED + 1)));
  }, 120_000);

  it("a save that is canceled leaves the earlier checkpoint, and no other file", async () => {
    const model = new Model();
    let canceled = 0;
    const canceling = (n: number) => {
      const abort = new AbortController();
      const onOperation = (_: StorageOperation, number: number) => {
        if (number === n) abort.abort();
        return false;
      };
      return inFolder(onOperation, async (storage, inner) => {
        const saver = model.saver(inner, kind.options());
        const first = (await saver.save(await model.holding(10, inner), `${FOLDER}/m`)) as string;
        const before = await filesIn(inner, FOLDER);
        const again = model.saver(storage, kind.options());
        const session = await model.holding(20, storage);
        const { signal } = abort;
        const outcome = await again.save(session, `${FOLDER}/new`, { signal }).catch((error: unknown) => error);
        if (typeof outcome === "string") return;
        canceled++;
        expect(outcome).toMatchObject({ kind: "CancelledError" });
        expect(await filesIn(inner, FOLDER)).toEqual(before);
        expect(await latestCheckpoint(FOLDER, { storage: inner })).toBe(first);
        expect(await model.read(saver, first, inner)).toBe(10);
      });
    };
    const operations = await canceling(0);
    for (let i = 1; i <= TRIED; i++) await canceling(Math.floor((i * operations) / (TRIED + 1)));
    expect(canceled).toBeGreaterThan(0);
  }, 120_000);
});
