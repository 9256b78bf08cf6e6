import { CheckpointTransaction, findDebris, removeDebris } from "@tfsaver/checkpoint-files";
import { flatPartPrefix, shardFilename, shardFilespec } from "@tfsaver/checkpoint-names";
import { toTensor } from "@tfsaver/core";
import { SlicesReader, SlicesWriter } from "@tfsaver/saved-tensor-slices";
import type { Storage } from "@tfsaver/storage";
import { BundleReader, BundleWriter, mergeBundles } from "@tfsaver/tensor-bundle";
import { InterceptedStorage, MemoryObjectStorage, type StorageOperation } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { rejection } from "../../../../fixtures/rejection.js";
import { isThorough } from "../../../../tests/thorough.js";

const PREFIX = "run/m";
/** Above the size up to which a file is held back. */
const LARGE = (1 << 20) / 4 + 1;
const SMALL = 4;

/** A kind of checkpoint: the lengths of its shards, in elements. */
interface Kind {
  readonly version: 1 | 2;
  readonly shards: readonly number[];
  /** True if only the last shard has other values in the new checkpoint. */
  readonly sameFirst?: boolean;
  /** False for a store that ignores conditions of writes, so that nothing can be locked. Default: true. */
  readonly conditionalWrites?: boolean;
}

const KINDS: readonly (readonly [string, Kind])[] = [
  ["V2 in one large shard", { version: 2, shards: [LARGE] }],
  ["V2 in two large shards, one of which does not change", { version: 2, shards: [LARGE, LARGE], sameFirst: true }],
  ["V2 without a lock", { version: 2, shards: [LARGE], conditionalWrites: false }],
];

const MORE_KINDS: typeof KINDS = [
  ["V2 in one small shard", { version: 2, shards: [SMALL] }],
  ["V2 in two large shards", { version: 2, shards: [LARGE, LARGE] }],
  ["V2 in a small and a large shard", { version: 2, shards: [SMALL, LARGE] }],
  ["V1 in two large shards", { version: 1, shards: [LARGE, LARGE] }],
  ["V1 in a large and a small shard", { version: 1, shards: [LARGE, SMALL] }],
];

const valueIn = ({ sameFirst }: Kind, shard: number, value: number) => (sameFirst && shard === 0 ? 0 : value);

async function save(storage: Storage, kind: Kind, value: number): Promise<string[]> {
  const warnings: string[] = [];
  const { version, shards } = kind;
  const checkpoint = { path: PREFIX, version, sharded: shards.length > 1 };
  const onWarning = (message: string) => void warnings.push(message);
  const transaction = await CheckpointTransaction.begin(checkpoint, { storage, onWarning });
  const options = { storage, ...transaction.commitOptions };
  const isSharded = shards.length > 1;
  try {
    await transaction.write(async (prefix) => {
      const parts = shards.map((_, i) =>
        isSharded ? shardFilename(version === 1 ? prefix : flatPartPrefix(prefix), i, shards.length) : prefix,
      );
      for (const [i, part] of parts.entries()) {
        const Writer = version === 1 ? SlicesWriter : BundleWriter;
        const writer = new Writer(part, options);
        const values = new Float32Array(shards[i] as number).fill(valueIn(kind, i, value));
        try {
          await writer.add(`v${i}`, toTensor(values));
          await writer.finish();
        } catch (error) {
          if (writer instanceof BundleWriter) await writer.discard();
          throw error;
        }
      }
      if (version === 1) return shardFilespec(prefix, shards.length);
      if (isSharded) await mergeBundles(parts, prefix, options);
      return prefix;
    });
    await transaction.end();
  } catch (error) {
    throw await transaction.fail(error);
  }
  return warnings;
}

/** Returns the value that all shards hold. Throws if they are of different saves. */
async function read(storage: Storage, { version, shards, ...kind }: Kind): Promise<number> {
  const reader =
    version === 1
      ? await SlicesReader.open(shardFilespec(PREFIX, shards.length), { storage })
      : await BundleReader.open(PREFIX, { storage });
  const values = await Promise.all(shards.map(async (_, i) => (await reader.get(`v${i}`)).data as Float32Array));
  await reader.close();
  const [last = -1] = values.at(-1) ?? [];
  for (const [i, data] of values.entries())
    expect([data[0], data.at(-1)], `values of shard ${i}`).toEqual(
      Array(2).fill(valueIn({ version, shards, ...kind }, i, last)),
    );
  return last;
}

/** Calls back before each operation. */
class SteppedStorage extends InterceptedStorage {
  onStep: (operation: StorageOperation) => Promise<void> = async () => undefined;

  protected override async intercept<T>(operation: StorageOperation, run: () => Promise<T>): Promise<T> {
    await this.onStep(operation);
    return run();
  }
}

const READING: ReadonlySet<string> = new Set([
  "get",
  "stat",
  "list",
  "open",
  "read",
  "close",
  "listUnfinished",
  "stateOf",
]);

/** Makes an object store with the old checkpoint. */
async function start(kind: Kind): Promise<MemoryObjectStorage> {
  const { conditionalWrites } = kind;
  const storage = new MemoryObjectStorage(conditionalWrites === undefined ? {} : { conditionalWrites });
  await storage.put("run/notes", new Uint8Array());
  await save(storage, kind, 10);
  return storage;
}

/** Drops unfinished files, as a rule of a bucket does: all of them, or one by its number. */
async function drop(storage: MemoryObjectStorage, which: "all" | number): Promise<number> {
  const files = await storage.unfinished.list("run");
  const dropped = which === "all" ? files : files.slice(which, which + 1);
  for (const { path, ticket } of dropped) await storage.unfinished.abandon(path, ticket);
  return dropped.length;
}

/** Message of a lost checkpoint. Only one of several files can be lost: one of them was replaced, and another one dropped. */
const LOST = /^run\/m is lost: .*replaced run\/m.* Restore another checkpoint, or save this one again\./s;

/** Checks that a checkpoint is the old or the new one, or that it has no readers and the loss is reported. */
async function check(storage: MemoryObjectStorage, kind: Kind, loss: string | undefined): Promise<number | undefined> {
  if (loss === undefined) {
    const value = await read(storage, kind);
    expect([10, 20]).toContain(value);
    return value;
  }
  expect(loss).toMatch(LOST);
  expect(await rejection(read(storage, kind))).toMatchObject({ kind: "NotFoundError" });
  return undefined;
}

describe.each(isThorough ? [...KINDS, ...MORE_KINDS] : KINDS)(
  "%s, replaced in an object store that drops unfinished files",
  (_, kind) => {
    it("is the old one or the new one, or its loss is reported, wherever the save was killed", async () => {
      const inner = await start(kind);
      const storage = new SteppedStorage(inner);
      const kills: { readonly label: string; readonly left: () => MemoryObjectStorage }[] = [];
      let isChanged = true;
      storage.onStep = async ({ kind: operation, path }) => {
        const isNew = isChanged;
        isChanged = !READING.has(operation);
        if (!isNew) return;
        const left = inner.afterKill({ now: () => 0 });
        kills.push({ label: `killed before ${operation} ${path}`, left: () => left.afterKill({ now: () => 0 }) });
      };
      await save(storage, kind, 20);
      const found = new Set<number | undefined>();
      for (const { label, left } of kills) {
        for (const which of ["none", "all", 0, 1] as const) {
          const dropped = left();
          const count = which === "none" ? 0 : await drop(dropped, which);
          if (which !== "none" && count === 0) continue;
          const savedAgain = dropped.afterKill({ now: () => 0 });
          try {
            const error = await removeDebris("run", { storage: dropped, olderThan: 0 }).then(
              () => undefined,
              (e: Error) => e,
            );
            if (count === 0 || kind.shards.length === 1) expect(error).toBeUndefined();
            if (error !== undefined) expect(error).toMatchObject({ kind: "DataLossError" });
            found.add(await check(dropped, kind, error?.message));
            expect(await dropped.unfinished.list("run")).toEqual([]);
            expect(await findDebris("run", { storage: dropped, olderThan: 0 })).toEqual([]);
            await removeDebris("run", { storage: dropped, olderThan: 0 });
            const warnings = await save(savedAgain, kind, 30);
            expect(warnings).toEqual(error === undefined ? [] : [error.message]);
            expect(await read(savedAgain, kind)).toBe(30);
            // Without a lock, only its age tells debris.
            if (kind.conditionalWrites !== false)
              expect(await findDebris("run", { storage: savedAgain, olderThan: 0 })).toEqual([]);
          } catch (cause) {
            const names = (await dropped.list("run")).map(({ name }) => name);
            throw new Error(`${label}, dropped ${which}: ${(cause as Error).message}\n${names.join(" ")}`, { cause });
          }
        }
      }
      expect(found.has(10) && found.has(20)).toBe(true);
    });

    it("is the old one or the new one, or the save reports its loss, wherever files are dropped under the save", async () => {
      const run = async (n: number, which: "all" | number) => {
        const inner = await start(kind);
        const storage = new SteppedStorage(inner);
        let count = 0;
        let dropped = 0;
        storage.onStep = async () => {
          if (++count === n) dropped = await drop(inner, which);
        };
        const error = await save(storage, kind, 20).then(
          () => undefined,
          (e: Error) => e,
        );
        return { inner, error, count, dropped };
      };
      const { count } = await run(0, "all");
      for (let n = 1; n <= count; n++) {
        for (const which of ["all", 0, 1] as const) {
          const { inner, error, dropped } = await run(n, which);
          if (dropped === 0) continue;
          const isLoss = error !== undefined && "kind" in error && error.kind === "DataLossError";
          if (kind.shards.length === 1) expect(isLoss).toBe(false);
          const value = await check(inner, kind, isLoss ? error.message : undefined);
          expect(value, `value after ${dropped} dropped before operation ${n}`).toBe(
            isLoss ? undefined : error ? 10 : 20,
          );
          expect(await findDebris("run", { storage: inner, olderThan: 0 })).toEqual([]);
        }
      }
    });
  },
);
