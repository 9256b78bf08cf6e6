import { CheckpointTransaction, removeDebris } from "@tfsaver/checkpoint-files";
import { toTensor } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import { BundleReader, BundleWriter } from "@tfsaver/tensor-bundle";
import { FaultyStorage, MemoryObjectStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";

const PREFIX = "run/m";
/** Above the size up to which a file is held back: it is on its way to the storage before it appears. */
const ELEMENTS = (2 << 20) / 4;

async function save(storage: Storage, value: number): Promise<void> {
  const checkpoint = { path: PREFIX, version: 2, sharded: false };
  const transaction = await CheckpointTransaction.begin(checkpoint, { storage, onWarning: () => undefined });
  try {
    await transaction.write(async (prefix) => {
      const writer = new BundleWriter(prefix, { storage, ...transaction.commitOptions });
      try {
        await writer.add("v", toTensor(new Float32Array(ELEMENTS).fill(value)));
      } catch (error) {
        await writer.discard();
        throw error;
      }
      await writer.finish();
      return prefix;
    });
    await transaction.end();
  } catch (error) {
    throw await transaction.fail(error);
  }
}

async function read(storage: Storage): Promise<number> {
  const reader = await BundleReader.open(PREFIX, { storage });
  const values = (await reader.get("v")).data as Float32Array;
  await reader.close();
  expect(new Set(values).size).toBe(1);
  return values[0] as number;
}

/** Replaces a checkpoint, in which the n-th operation fails, and those behind it if the storage is gone. */
async function replace(n: number, isGone: boolean) {
  const inner = new MemoryObjectStorage();
  await save(inner, 10);
  const storage = new FaultyStorage(inner, { fail: (_, number) => number === n || (isGone && number > n) });
  const saved = await save(storage, 20).then(
    () => true,
    () => false,
  );
  return { inner, saved, operations: storage.operations };
}

describe("a checkpoint whose files are sent before they appear", () => {
  it.each([
    ["one operation fails", false],
    ["the storage is gone from one operation on", true],
  ])("is the old one or the new one where %s while it is replaced", async (_, isGone) => {
    const { operations } = await replace(0, false);
    const found = new Set<number>();
    for (let n = 1; n <= operations; n++) {
      const { inner, saved } = await replace(n, isGone);
      const left = inner.afterKill({ now: () => 0 });
      await removeDebris("run", { storage: left, olderThan: 0 });
      const value = await read(left).catch((cause: Error) => {
        throw new Error(`operation ${n}: ${cause.message}`, { cause });
      });
      if (saved) expect(value).toBe(20);
      found.add(value);
      expect(await left.unfinished.list("run")).toEqual([]);
    }
    expect([...found].sort()).toEqual([10, 20]);
  });
});

describe("a lock that was tampered with", () => {
  const LOCK = "tfsaver elsewhere/1/0 5\n";

  it.each(["m-2.index", "../run/m-2.index", "/run/m-2.index", "notes.txt"])(
    "makes no file appear but those of its checkpoint: not %s",
    async (name) => {
      const storage = new MemoryObjectStorage({ now: () => 0 });
      const path = name.endsWith("txt") ? "run/notes.txt" : "run/m-2.index";
      const upload = await storage.create(path);
      const prepared = await upload.prepare?.();
      const kept = "m.index.tempstate5";
      await storage.put(`run/${kept}`, new Uint8Array());
      const lines = [[kept], [name, prepared?.ticket, prepared?.mark]].map((line) => `${JSON.stringify(line)}\n`);
      await storage.put(`${PREFIX}.saving`, new TextEncoder().encode(LOCK + lines.join("")));
      await save(storage, 10);
      expect(await read(storage)).toBe(10);
      expect(await storage.stat(path)).toBeUndefined();
      expect((await storage.unfinished.list("run")).map((file) => file.path)).toEqual([path]);
    },
  );

  it.each(['["\\x","t"]', "[1,2]", '["m.index","t","k","x"]', "[]", "{}", "m.index t"])(
    "is a file of another program if one of its lines is %s",
    async (line) => {
      const storage = new MemoryObjectStorage({ now: () => 0 });
      await storage.put(`${PREFIX}.saving`, new TextEncoder().encode(`${LOCK}${line}\n`));
      await expect(save(storage, 10)).rejects.toMatchObject({ kind: "FailedPreconditionError" });
    },
  );
});
