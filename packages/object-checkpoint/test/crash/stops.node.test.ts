import { findDebris, removeDebris } from "@tfsaver/checkpoint-files";
import { MemoryStorage } from "@tfsaver/storage";
import { FaultyStorage, PowerLossStorage, type StorageOperation } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { filesIn } from "../../../../fixtures/storage-files.js";
import { isTried } from "../../../../tests/thorough.js";
import { FOLDER, type Kind, kinds, saveTwice, survivorsIn, valueAt } from "./histories.js";

/** Makes sure that a folder holds whole checkpoints only, and the last one that was reported. */
async function requireWhole(
  kind: Kind,
  storage: MemoryStorage,
  saved: readonly string[],
  label: string,
): Promise<void> {
  const { values, latest } = await survivorsIn(kind, storage).catch((cause: Error) => {
    throw new Error(`${label}: ${cause.message}`, { cause });
  });
  for (const value of values.values()) expect([10, 20], label).toContain(value);
  const last = saved.at(-1);
  if (last === undefined) return;
  expect([saved.length * 10, 20], label).toContain(await valueAt(kind, last, storage));
  if (latest !== undefined) expect([saved.length * 10, 20], label).toContain(latest);
}

/** Makes sure that the next save succeeds, and leaves nothing else. */
async function requireNextSave(kind: Kind, storage: MemoryStorage, label: string): Promise<void> {
  const program = kind.program(storage);
  await program.set(70);
  const path = await kind.save(program.checkpoint, 3);
  expect(await valueAt(kind, path, storage), label).toBe(70);
  await removeDebris(FOLDER, { storage, olderThan: 0 });
  expect(await findDebris(FOLDER, { storage, olderThan: 0 }), label).toEqual([]);
  expect(await valueAt(kind, path, storage), label).toBe(70);
}

describe.each(kinds)("$name", (kind) => {
  it("leave whole checkpoints, whenever the process is stopped or loses power", async () => {
    const saved: string[] = [];
    let stops = 0;
    let isStopping = false;
    const left: { label: string; storage: MemoryStorage; saved: string[] }[] = [];
    const storage: PowerLossStorage = new PowerLossStorage({
      onStep: async ({ kind: operation, path }) => {
        if (!isStopping) return;
        stops++;
        if (!isTried(stops)) return;
        const options = { now: () => 0 };
        const label = `before ${operation} ${path} (${stops})`;
        left.push({ label: `killed ${label}`, storage: await storage.afterKill(options), saved: [...saved] });
        const lost = await storage.afterPowerLoss(stops, options);
        left.push({ label: `without power ${label}`, storage: lost, saved: [...saved] });
      },
    });
    isStopping = true;
    await saveTwice(kind, storage, (path) => saved.push(path));
    expect(stops).toBeGreaterThan(20);
    for (const { label, storage, saved } of left) {
      await requireWhole(kind, storage, saved, label);
      await requireNextSave(kind, storage, label);
    }
  }, 600_000);

  it("report each operation that fails, and leave the old state or the new one", async () => {
    const failing = async (n: number) => {
      const inner = new MemoryStorage();
      const saved: string[] = [];
      let failed: StorageOperation | undefined;
      const storage = new FaultyStorage(inner, {
        tornBytes: 3,
        fail: (operation, number) => {
          if (number === n) failed = operation;
          return number === n;
        },
      });
      const error = await saveTwice(kind, storage, (path) => saved.push(path)).catch((error: unknown) => error);
      return { inner, saved, failed, error, operations: storage.operations };
    };
    const { operations } = await failing(0);
    for (let n = 1; n <= operations; n++) {
      if (!isTried(n)) continue;
      const { inner, saved, failed, error } = await failing(n);
      const label = `operation ${n}: ${failed?.kind} ${failed?.path}: ${error}`;
      if (error === undefined) expect(saved, label).toHaveLength(2);
      await requireWhole(kind, inner, saved, label);
      await requireNextSave(kind, inner, label);
    }
  }, 600_000);

  it("leave nothing of a save that is canceled at any moment", async () => {
    const cancelling = async (n: number) => {
      const inner = new MemoryStorage();
      const abort = new AbortController();
      let isCounting = false;
      let count = 0;
      const storage = new FaultyStorage(inner, {
        fail: () => {
          if (isCounting && ++count === n) abort.abort();
          return false;
        },
      });
      const program = kind.program(storage);
      await program.set(10);
      const first = await kind.save(program.checkpoint, 1);
      const before = await filesIn(inner, FOLDER);
      await program.set(20);
      isCounting = true;
      const outcome = await kind.save(program.checkpoint, 2, abort.signal).catch((error: unknown) => error);
      isCounting = false;
      return { inner, first, before, after: await filesIn(inner, FOLDER), outcome, count };
    };
    const { count } = await cancelling(0);
    let canceled = 0;
    for (let n = 1; n <= count; n++) {
      if (!isTried(n)) continue;
      const { inner, first, before, after, outcome } = await cancelling(n);
      if (typeof outcome === "string") {
        expect(await valueAt(kind, outcome, inner)).toBe(20);
        continue;
      }
      canceled++;
      expect(outcome).toMatchObject({ kind: "CancelledError" });
      expect(after).toEqual(before);
      // A save that replaces a checkpoint may have committed before the cancellation arrives.
      expect(kind.name === "saves of one path" ? [10, 20] : [10]).toContain(await valueAt(kind, first, inner));
    }
    expect(canceled).toBeGreaterThan(1);
  }, 600_000);
});
