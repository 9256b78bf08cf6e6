import {
  type Clock,
  checkpointsIterator,
  systemClock,
  updateCheckpointState,
  waitForNewCheckpoint,
} from "@tfsaver/checkpoint-state";
import type { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { addFiles, storageWith } from "../../../fixtures/storage-files.js";

/** A clock that only sleeping advances, with events at given times. */
function fakeClock(events: Readonly<Record<number, () => Promise<void>>> = {}): Clock & { readonly sleeps: number[] } {
  let time = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => time,
    async sleep(seconds) {
      sleeps.push(seconds);
      const end = time + seconds;
      for (const [moment, happen] of Object.entries(events)) {
        if (Number(moment) > time && Number(moment) <= end) await happen();
      }
      time = end;
    },
  };
}

async function saveTo(storage: MemoryStorage, name: string): Promise<void> {
  await addFiles(storage, [`d/${name}.index`]);
  await updateCheckpointState("d", `d/${name}`, { storage });
}

async function collect(iterator: AsyncIterable<string>, most = 10): Promise<string[]> {
  const found: string[] = [];
  for await (const path of iterator) {
    found.push(path);
    if (found.length === most) break;
  }
  return found;
}

describe("waitForNewCheckpoint", () => {
  it("returns a new checkpoint at once, and waits while the last one is the latest", async () => {
    const storage = await storageWith(["d/x"]);
    await saveTo(storage, "m-1");
    expect(await waitForNewCheckpoint("d", undefined, { storage, clock: fakeClock() })).toBe("d/m-1");
    const clock = fakeClock({ 2.5: () => saveTo(storage, "m-2") });
    expect(await waitForNewCheckpoint("d", "d/m-1", { storage, clock })).toBe("d/m-2");
    expect(clock.sleeps).toEqual([1, 1, 1]);
  });

  it("gives up when the next check would be after the timeout", async () => {
    const storage = await storageWith(["d/x"]);
    for (const [timeout, sleeps] of [
      [0, []],
      [1.9, []],
      [2, [2]],
      [5, [2, 2]],
    ] as const) {
      const clock = fakeClock();
      expect(
        await waitForNewCheckpoint("d", undefined, { storage, clock, timeout, secondsToSleep: 2 }),
      ).toBeUndefined();
      expect(clock.sleeps).toEqual(sleeps);
    }
  });

  it("ends with a CancelledError when aborted, before and during the sleep", async () => {
    const storage = await storageWith(["d/x"]);
    const before = waitForNewCheckpoint("d", undefined, { storage, signal: AbortSignal.abort() });
    await expect(before).rejects.toMatchObject({ kind: "CancelledError" });
    const controller = new AbortController();
    const during = waitForNewCheckpoint("d", undefined, { storage, signal: controller.signal, secondsToSleep: 1000 });
    setTimeout(() => controller.abort(), 0);
    await expect(during).rejects.toMatchObject({ kind: "CancelledError" });
  });
});

describe("checkpointsIterator", () => {
  it("yields each new checkpoint once, skips older ones, and ends with a timeout", async () => {
    const storage = await storageWith(["d/x"]);
    const clock = fakeClock({
      3: () => saveTo(storage, "m-1"),
      4.1: () => saveTo(storage, "m-2"),
      4.2: () => saveTo(storage, "m-3"),
    });
    expect(await collect(checkpointsIterator("d", { storage, clock, timeout: 10 }))).toEqual(["d/m-1", "d/m-3"]);
  });

  it("waits minIntervalSecs between checkpoints, including the time that the caller takes", async () => {
    const storage = await storageWith(["d/x"]);
    await saveTo(storage, "m-1");
    const clock = fakeClock();
    for await (const path of checkpointsIterator("d", { storage, clock, minIntervalSecs: 60, timeout: 0 })) {
      expect(path).toBe("d/m-1");
      await clock.sleep(25);
    }
    expect(clock.sleeps).toEqual([25, 35]);
  });

  it("calls timeoutFn after every checkpoint and every timeout", async () => {
    const storage = await storageWith(["d/x"]);
    await saveTo(storage, "m-1");
    const clock = fakeClock({ 2.5: () => saveTo(storage, "m-2") });
    const answers: boolean[] = [];
    const timeoutFn = async () => {
      answers.push(answers.length === 5);
      return answers.at(-1) === true;
    };
    const found = await collect(checkpointsIterator("d", { storage, clock, timeout: 1, timeoutFn }));
    expect(found).toEqual(["d/m-1", "d/m-2"]);
    expect(answers).toEqual([false, false, false, false, false, true]);
  });

  it("stops after a checkpoint when timeoutFn returns true", async () => {
    const storage = await storageWith(["d/x"]);
    await saveTo(storage, "m-1");
    expect(await collect(checkpointsIterator("d", { storage, clock: fakeClock(), timeoutFn: () => true }))).toEqual([
      "d/m-1",
    ]);
  });

  it("ends with a CancelledError when aborted", async () => {
    const storage = await storageWith(["d/x"]);
    await saveTo(storage, "m-1");
    const controller = new AbortController();
    const iterator = checkpointsIterator("d", { storage, signal: controller.signal });
    expect((await iterator.next()).value).toBe("d/m-1");
    controller.abort();
    await expect(iterator.next()).rejects.toMatchObject({ kind: "CancelledError" });
  });
});

describe("systemClock", () => {
  it("sleeps, unless it is aborted", async () => {
    await systemClock.sleep(0, new AbortController().signal);
    await expect(systemClock.sleep(1000, AbortSignal.abort())).rejects.toMatchObject({ kind: "CancelledError" });
    expect(systemClock.now()).toBeGreaterThan(1.7e9);
  });
});
