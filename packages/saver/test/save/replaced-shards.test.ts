import {
  checkpointExists,
  findDebris,
  listCheckpoints,
  removeCheckpoint,
  removeDebris,
} from "@tfsaver/checkpoint-files";
import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { resolveCheckpoint, verifyCheckpoint } from "@tfsaver/checkpoint-tools";
import type { Session } from "@tfsaver/graph";
import { MemoryStorage, readFile, type Storage } from "@tfsaver/storage";
import { DelayedStorage, FaultyStorage } from "@tfsaver/testing";
import { expect, it } from "vitest";
import { filesIn } from "../../../../fixtures/storage-files.js";
import { Model } from "../crash/history.js";
import { errorOf } from "../model.js";

const OPTIONS = { writeVersion: 1, sharded: true } as const;
const PATTERN = "/run/m-?????-of-00002";
const SHARDS = ["/run/m-00000-of-00002", "/run/m-00001-of-00002"];

async function saved(model: Model, value: number, storage: Storage = new MemoryStorage()): Promise<Storage> {
  await storage.createDirectory("/run");
  await model.saver(storage, OPTIONS).save(await model.holding(value, storage), "/run/m");
  return storage;
}

/** What is left of a save over another one that was stopped some operations after its step. */
async function stoppedAfterStep(model: Model, operations: number) {
  const inner = await saved(model, 10);
  let left: number | undefined;
  const storage = new FaultyStorage(inner, {
    fail: ({ kind, to }) => {
      if (left !== undefined) return left-- <= 0;
      if (kind === "rename" && to?.includes("/whole-")) left = operations;
      return false;
    },
  });
  const error = await saved(model, 20, storage).catch((cause: unknown) => cause);
  return { storage: inner, wasStopped: error !== storage };
}

it("writes the same bytes over an older checkpoint as without one", async () => {
  const model = new Model();
  const replaced = await saved(model, 20, await saved(model, 10));
  const alone = await saved(model, 20);
  for (const path of SHARDS) expect(await readFile(replaced, path)).toEqual(await readFile(alone, path));
  expect(await filesIn(replaced, "/run")).toEqual(await filesIn(alone, "/run"));
});

it("is found by everything that looks for checkpoints while it waits for its names", async () => {
  const model = new Model();
  let waited = 0;
  for (let n = 0; ; n++) {
    const { storage, wasStopped } = await stoppedAfterStep(model, n);
    expect(await model.read(model.saver(storage, OPTIONS), PATTERN, storage)).toBe(20);
    expect(await checkpointExists(PATTERN, { storage })).toBe(true);
    expect(await latestCheckpoint("/run", { storage })).toBe(PATTERN);
    expect(await listCheckpoints("/run", { storage })).toMatchObject([{ prefix: PATTERN, format: "V1" }]);
    expect(await resolveCheckpoint("/run/m", { storage })).toBe(PATTERN);
    expect(await verifyCheckpoint(PATTERN, { storage })).toMatchObject({ good: true, tensors: 3 });
    if (!wasStopped) break;
    const debris = await findDebris("/run", { storage, olderThan: 0 });
    const isWaiting = debris.some(({ path, action }) => path === "/run/m_temp" && action === "finish");
    if (isWaiting) waited++;
    await removeDebris("/run", { storage, olderThan: 0 });
    expect(await storage.stat("/run/m_temp")).toBeUndefined();
    expect(await model.read(model.saver(storage, OPTIONS), PATTERN, storage)).toBe(20);
  }
  expect(waited).toBeGreaterThan(5);
});

it("is not believed to have as many shards as a name says", async () => {
  const model = new Model();
  const storage = await saved(model, 10);
  await storage.createDirectory("/run/x_temp");
  await storage.rename(SHARDS[0] as string, "/run/x_temp/whole-00000-of-2000000000");
  const reader = await openCheckpoint("/run/x-?????-of-2000000000", { storage });
  expect([await reader.has("a"), await reader.has("b")]).toEqual([true, false]);
  await reader.close();
  await storage.rename("/run/x_temp/whole-00000-of-2000000000", "/run/x-00000-of-2000000000");
  await model.saver(storage, OPTIONS).save(await model.holding(20, storage), "/run/x");
});

it("is removed as a whole while it waits", async () => {
  const { storage } = await stoppedAfterStep(new Model(), 3);
  expect(await storage.stat("/run/m_temp")).toBeDefined();
  await removeCheckpoint(PATTERN, { storage, version: 1 });
  expect(await checkpointExists(PATTERN, { storage })).toBe(false);
  expect(await storage.stat("/run/m_temp")).toBeUndefined();
});

it("tells a reader that opens it in the middle", async () => {
  const model = new Model();
  const inner = await saved(model, 10);
  let isReplaced = false;
  class Replacing extends DelayedStorage {
    override async open(path: string) {
      if (path === SHARDS[1] && !isReplaced) {
        isReplaced = true;
        await new Promise((resolve) => setTimeout(resolve, 5));
        await saved(model, 20, inner);
      }
      return super.open(path);
    }
  }
  const storage = new Replacing(inner, { seed: 1 });
  const error = await errorOf(() => openCheckpoint(PATTERN, { storage }));
  expect(error).toMatchObject({ kind: "AbortedError", path: PATTERN });
  isReplaced = false;
  expect(await model.read(model.saver(storage, OPTIONS), PATTERN, storage)).toBe(20);
});

it("refuses a session that writes where the saver can't see it, and keeps what was there", async () => {
  const model = new Model();
  const storage = await saved(model, 10);
  const elsewhere = new MemoryStorage();
  await elsewhere.createDirectory("/run");
  await elsewhere.createDirectory("/run/m_temp");
  const session: Session = await model.holding(20, elsewhere);
  const error = await errorOf(() => model.saver(storage, OPTIONS).save(session, "/run/m"));
  expect(error).toMatchObject({ kind: "RuntimeError", path: "/run/m", message: expect.stringContaining("globalStep") });
  expect(await model.read(model.saver(storage, OPTIONS), PATTERN, storage)).toBe(10);
  expect(await findDebris("/run", { storage, olderThan: 0 })).toEqual([]);
});
