import { removeDebris } from "@tfsaver/checkpoint-files";
import { getCheckpointState } from "@tfsaver/checkpoint-state";
import { isCheckpointError } from "@tfsaver/core";
import { normalizePath, type Storage } from "@tfsaver/storage";
import { InterceptedStorage, MemoryObjectStorage, type StorageOperation } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { fingerprint } from "./crashes.js";
import { type Kind, kinds } from "./histories.js";
import { type Expectation, FOLDER, History, Model } from "./history.js";
import { checkDebris, checkNextSave, checkReaders, furnish, type Survivors } from "./survivors.js";

/** Calls back before each operation. */
class SteppedStorage extends InterceptedStorage {
  onStep: (operation: StorageOperation) => Promise<void> = async () => undefined;

  protected override async intercept<T>(operation: StorageOperation, run: () => Promise<T>): Promise<T> {
    await this.onStep(operation);
    return run();
  }
}

interface Crash {
  readonly label: string;
  readonly expectation: Expectation;
  /** Equal copies of what the stop leaves. */
  readonly storages: readonly [MemoryObjectStorage, MemoryObjectStorage, MemoryObjectStorage];
}

/** Runs a history in an object store, and records what a kill before each operation leaves. */
async function crashesOf(kind: Kind, model: Model): Promise<Crash[]> {
  const inner = new MemoryObjectStorage();
  const storage = new SteppedStorage(inner);
  await furnish(storage);
  const history = new History(model, storage, kind.options, kind.returned);
  const crashes: Crash[] = [];
  const seen = new Set<string>();
  storage.onStep = async ({ kind: operation, path }) => {
    const { expectation } = history;
    const state = await fingerprint(inner, expectation);
    if (seen.has(state)) return;
    seen.add(state);
    // Files look old, so that no save waits for an unknown owner of a lock.
    const copy = () => inner.afterKill({ now: () => 0 });
    crashes.push({ label: `killed before ${operation} ${path}`, expectation, storages: [copy(), copy(), copy()] });
  };
  await history.run(kind.steps);
  return crashes;
}

/**
 * Checks what a reader finds before anybody has cleaned up: of each checkpoint the old or the new values, or none; never a
 * mixture, and never damage.
 */
async function checkReadersBefore(storage: Storage, { kind, expectation, model }: Survivors): Promise<void> {
  const state = await getCheckpointState(FOLDER, { storage });
  expect(expectation.latest).toContain(state?.modelCheckpointPath);
  const saver = model.saver(storage, kind.options());
  for (const path of state?.allModelCheckpointPaths ?? []) {
    const value = await model.read(saver, path, storage).catch((error: unknown) => {
      expect(isCheckpointError(error, "ValueError", "NotFoundError"), `${path}: ${(error as Error).message}`).toBe(
        true,
      );
      return undefined;
    });
    if (value !== undefined) expect(expectation.values.get(normalizePath(path)), path).toContain(value);
  }
}

describe.each(kinds)("$name, in an object store", (kind) => {
  it("leaves the old state or the new one, or all that is needed to finish it, whenever it is killed", async () => {
    const model = new Model();
    const crashes = await crashesOf(kind, model);
    expect(crashes.length).toBeGreaterThan(15);
    for (const { label, expectation, storages } of crashes) {
      const [found, cleaned, savedAgain] = storages;
      const survivors = { kind, expectation, model, lostPower: false };
      try {
        await checkReadersBefore(found, survivors);
        await removeDebris(FOLDER, { storage: cleaned, olderThan: 0 });
        await checkReaders(cleaned, survivors);
        await checkDebris(cleaned, survivors);
        expect(await cleaned.unfinished.list(FOLDER)).toEqual([]);
        await checkNextSave(savedAgain, survivors);
      } catch (error) {
        const names = (await found.list(FOLDER)).map(({ name }) => name).sort();
        const unfinished = (await found.unfinished.list(FOLDER)).map(({ path }) => path);
        throw new Error(`${label}: ${(error as Error).message}\n${names.join(" ")}\n${unfinished.join(" ")}`, {
          cause: error,
        });
      }
    }
  }, 600_000);
});
