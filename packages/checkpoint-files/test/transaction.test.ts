import { CheckpointTransaction, checkpointExists, lockPrefix, type NewCheckpoint } from "@tfsaver/checkpoint-files";
import { shardFilename, shardFilespec } from "@tfsaver/checkpoint-names";
import { loadVariable } from "@tfsaver/checkpoint-reader";
import { toTensor } from "@tfsaver/core";
import { SlicesWriter } from "@tfsaver/saved-tensor-slices";
import type { CommitOptions } from "@tfsaver/storage";
import { MemoryStorage, type Storage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { describe, expect, it } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import { addFiles, filesIn } from "../../../fixtures/storage-files.js";

const V2: NewCheckpoint = { path: "/run/m", version: 2, sharded: false };
const V1: NewCheckpoint = { path: "/run/m", version: 1, sharded: false };
const V1_IN_SHARDS: NewCheckpoint = { path: "/run/m", version: 1, sharded: true };

/** Writes one number in the form that a checkpoint asks for. */
function writeValue(
  checkpoint: NewCheckpoint,
  transaction: CheckpointTransaction,
  value: number,
  storage: Storage,
): Promise<string> {
  return transaction.write((prefix) =>
    writeFiles(checkpoint, prefix, value, { storage, ...transaction.commitOptions }),
  );
}

async function writeFiles(
  { version, sharded }: NewCheckpoint,
  prefix: string,
  value: number,
  options: CommitOptions & { readonly storage: Storage },
): Promise<string> {
  if (version === 2) {
    const writer = new BundleWriter(prefix, options);
    await writer.add("w", toTensor(value));
    await writer.finish();
    return prefix;
  }
  const writer = new SlicesWriter(sharded ? shardFilename(prefix, 0, 1) : prefix, options);
  writer.add("w", toTensor(value));
  await writer.finish();
  return sharded ? shardFilespec(prefix, 1) : prefix;
}

async function folder(): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  await storage.createDirectory("/run");
  return storage;
}

async function read(prefix: string, storage: Storage): Promise<number> {
  return Number((await loadVariable(prefix, "w", { storage })).data[0]);
}

describe.each([
  ["V2", V2, "/run/m"],
  ["V1", V1, "/run/m"],
  ["V1 in shards", V1_IN_SHARDS, "/run/m-?????-of-00001"],
] as const)("a transaction of %s", (_, checkpoint, returned) => {
  it("makes a checkpoint appear, and another in its place", async () => {
    const storage = await folder();
    for (const value of [10, 20]) {
      const transaction = await CheckpointTransaction.begin(checkpoint, { storage });
      expect(await writeValue(checkpoint, transaction, value, storage)).toBe(returned);
      await transaction.requireVisible(returned);
      await transaction.end();
      expect(await read(returned, storage)).toBe(value);
    }
    expect((await filesIn(storage, "/run")).filter((name) => !/^m(-|\.index|\.data|$)/.test(name))).toEqual([]);
  });

  it("takes back a checkpoint whose write fails after it got its name, unless one was there before", async () => {
    const storage = await folder();
    const fails = async () => {
      const transaction = await CheckpointTransaction.begin(checkpoint, { storage });
      try {
        await transaction.write(async (prefix) => {
          await writeFiles(checkpoint, prefix, 30, { storage });
          throw new Error("after the commit");
        });
      } catch (error) {
        throw await transaction.fail(error);
      }
    };
    expect((await rejection(fails())).message).toBe("after the commit");
    expect(await filesIn(storage, "/run")).toEqual([]);
    const transaction = await CheckpointTransaction.begin(checkpoint, { storage });
    await writeValue(checkpoint, transaction, 10, storage);
    await transaction.end();
    expect((await rejection(fails())).message).toBe("after the commit");
    expect([10, 30]).toContain(await read(returned, storage));
  });

  it("is aborted before its commit if the lock was lost", async () => {
    const storage = await folder();
    const lost = await CheckpointTransaction.begin(checkpoint, { storage });
    await storage.remove("/run/m.saving");
    const winner = await CheckpointTransaction.begin(checkpoint, { storage });
    await writeValue(checkpoint, winner, 20, storage);
    await winner.end();
    const error = await rejection(writeValue(checkpoint, lost, 10, storage));
    expect(await lost.fail(error)).toMatchObject({ kind: "AbortedError", path: "/run/m" });
    expect(await read(returned, storage)).toBe(20);
  });
});

describe("a transaction", () => {
  it("waits for the lock of another saver, until it is cancelled", async () => {
    const storage = await folder();
    const lock = await lockPrefix("/run/m", { storage, onWarning: () => undefined });
    const abort = new AbortController();
    const waiting = CheckpointTransaction.begin(V2, { storage, signal: abort.signal });
    abort.abort();
    expect(await rejection(waiting)).toMatchObject({ kind: "CancelledError" });
    await lock.release();
    await (await CheckpointTransaction.begin(V2, { storage })).end();
    expect(await filesIn(storage, "/run")).toEqual([]);
  });

  it("creates the folder if asked to, and removes it if it fails", async () => {
    const storage = new MemoryStorage();
    const transaction = await CheckpointTransaction.begin({ ...V2, path: "/new/m" }, { storage, createFolder: true });
    expect(await filesIn(storage, "/new")).toEqual(["m.saving"]);
    const error = new Error("some other reason");
    expect(await transaction.fail(error)).toBe(error);
    expect(await storage.stat("/new")).toBeUndefined();
  });

  it("creates the folder on a storage that can't lock too", async () => {
    const inner = new MemoryStorage();
    const capabilities = { ...inner.capabilities, exclusiveCreate: false };
    const storage = new Proxy(inner, {
      get: (target, key) => {
        const value = key === "capabilities" ? capabilities : Reflect.get(target, key);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const checkpoint = { ...V1, path: "/new/m" };
    const transaction = await CheckpointTransaction.begin(checkpoint, { storage, createFolder: true });
    expect(await writeValue(checkpoint, transaction, 10, storage)).toBe("/new/m");
    await transaction.end();
    expect(await read("/new/m", storage)).toBe(10);
    // A folder that was there before is never removed.
    const failing = await CheckpointTransaction.begin(checkpoint, { storage, createFolder: true });
    await failing.fail(new Error());
    expect(await storage.stat("/new")).toBeDefined();
  });

  it("removes what an interrupted save of the same prefix left", async () => {
    const storage = new MemoryStorage({ now: () => 0 });
    await addFiles(storage, {
      "/run/m.saving": "tfsaver another-machine/1/0 7\n",
      "/run/m.index.tempstate9999999999": "",
      "/run/m.data-00000-of-00001.tempstate9888888888": "x",
      "/run/other.index.tempstate9777777777": "x",
    });
    await (await CheckpointTransaction.begin(V2, { storage })).end();
    expect(await filesIn(storage, "/run")).toEqual(["other.index.tempstate9777777777"]);
  });

  it("refuses a checkpoint that can't be seen", async () => {
    const storage = await folder();
    const transaction = await CheckpointTransaction.begin(V2, { storage });
    expect(await rejection(transaction.requireVisible("/elsewhere/m"))).toMatchObject({ kind: "RuntimeError" });
    await transaction.end();
    expect(await checkpointExists("/run/m", { storage })).toBe(false);
  });
});
