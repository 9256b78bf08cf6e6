import { findDebris } from "@tfsaver/checkpoint-files";
import { getCheckpointState, latestCheckpoint } from "@tfsaver/checkpoint-state";
import { isCheckpointError } from "@tfsaver/core";
import { MemoryStorage } from "@tfsaver/storage";
import { DelayedStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { isThorough, seedOfCommit } from "../../../../tests/thorough.js";
import { Model } from "./history.js";

/** Each seed delays the storage's operations in another order. `npm test` tries one, another one after each commit. */
const ALL_SEEDS = Array.from({ length: 40 }, (_, seed) => seed);
const SEEDS = isThorough ? ALL_SEEDS : [seedOfCommit() % ALL_SEEDS.length];

/** Tries all seeds at once, each with a folder of its own: the delays overlap, so that this takes as long as one seed. */
async function forEachSeed(
  attempt: (seed: number, inner: MemoryStorage, model: Model) => Promise<void>,
): Promise<void> {
  await Promise.all(SEEDS.map(async (seed) => attempt(seed, await folder(), new Model())));
}

async function folder(): Promise<MemoryStorage> {
  const inner = new MemoryStorage();
  await inner.createDirectory("/run");
  return inner;
}

const same = (path: string) => path;

describe.each([
  ["V2", {}, same, ["m.data-", "m.index", "m.meta"]],
  ["V2 in shards", { sharded: true }, same, ["m.data-", "m.index", "m.meta"]],
  ["V1 in shards", { sharded: true, writeVersion: 1 }, (path: string) => `${path}-?????-of-00002`, ["m-", "m.meta"]],
] as const)("%s", (_, options, returned, files) => {
  it("two savers of different paths lose nothing, and leave a valid state file", async () => {
    await forEachSeed(async (seed, inner, model) => {
      const storage = new DelayedStorage(inner, { seed });
      const train = async (name: string, value: number) => {
        const saver = model.saver(storage, { ...options, maxToKeep: 2 });
        for (let step = 1; step <= 3; step++) {
          await saver.save(await model.holding(value + step, inner), `/run/${name}`, { globalStep: step });
        }
        return saver.lastCheckpoints;
      };
      const kept = (await Promise.all([train("a", 100), train("b", 200)])).flat();
      expect(kept).toEqual(["/run/a-2", "/run/a-3", "/run/b-2", "/run/b-3"].map(returned));
      const reader = model.saver(inner, options);
      const values = await Promise.all(kept.map((path) => model.read(reader, path, inner)));
      expect(values).toEqual([102, 103, 202, 203]);
      const state = await getCheckpointState("/run", { storage: inner });
      expect(["/run/a-3", "/run/b-3"].map(returned)).toContain(state?.modelCheckpointPath);
      expect(await findDebris("/run", { storage: inner, olderThan: 0 })).toEqual([]);
    });
  });

  it("savers of the same path leave the checkpoint of one of them, whole", async () => {
    await forEachSeed(async (seed, inner, model) => {
      const storage = new DelayedStorage(inner, { seed });
      const values = [100, 200, 300];
      await Promise.all(
        values.map(async (value) => {
          const session = await model.holding(value, storage);
          await model.saver(storage, options).save(session, "/run/m");
        }),
      );
      const reader = model.saver(inner, options);
      expect(values).toContain(await model.read(reader, returned("/run/m"), inner));
      const names = (await inner.list("/run")).map(({ name }) => name.replace(/\d{5}-of-.*/, "")).sort();
      expect([...new Set(names)]).toEqual(["checkpoint", ...files]);
    });
  });

  it.each([
    ["numbered checkpoints, of which old ones are removed", true],
    ["one checkpoint that is saved again and again", false],
  ])("readers get a whole checkpoint, or an error if it was removed: %s", async (__, numbered) => {
    let read = 0;
    await forEachSeed(async (seed, inner, model) => {
      const storage = new DelayedStorage(inner, { seed });
      const saver = model.saver(storage, { ...options, maxToKeep: 1 });
      let done = false;
      let newest = 0;
      const write = async () => {
        for (let step = 1; step <= 6; step++) {
          const session = await model.holding(step * 10, inner);
          await saver.save(session, "/run/m", numbered ? { globalStep: step } : {});
          newest = step * 10;
        }
        done = true;
      };
      const readAlong = async () => {
        const reader = model.saver(storage, options);
        while (!done) {
          const atLeast = newest;
          const path = await latestCheckpoint("/run", { storage, onWarning: () => undefined });
          if (path === undefined) {
            await new Promise((resolve) => setTimeout(resolve));
            continue;
          }
          try {
            const value = await model.read(reader, path, storage);
            expect(value).toBeGreaterThanOrEqual(atLeast);
            read++;
          } catch (error) {
            // Retention removes numbered checkpoints; one that is saved again is never absent.
            expect(numbered && isCheckpointError(error, "NotFoundError", "ValueError"), String(error)).toBe(true);
            expect((error as Error).message).toContain(path);
          }
        }
      };
      await Promise.all([write(), readAlong(), readAlong()]);
    });
    expect(read).toBeGreaterThan(SEEDS.length);
  });
});
