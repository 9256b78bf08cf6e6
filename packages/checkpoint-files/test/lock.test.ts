import { lockPrefix, removeDebris } from "@tfsaver/checkpoint-files";
import { MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
import { FaultyStorage } from "@tfsaver/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { filesIn, putFile } from "../../../fixtures/storage-files.js";
import { folderWith } from "./debris-files.js";

const onWarning = (message: string) => {
  throw new Error(message);
};

describe("lockPrefix", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is held by one at a time, in this process too, and leaves nothing", async () => {
    const storage = await folderWith([], 0);
    let holders = 0;
    await Promise.all(
      [1, 2, 3].map(async () => {
        const lock = await lockPrefix("/d/m", { storage, onWarning });
        expect([lock.isHeld, lock.wasAbandoned, ++holders]).toEqual([true, false, 1]);
        await new Promise((resolve) => setTimeout(resolve, 5));
        holders--;
        await lock.release();
      }),
    );
    expect(await filesIn(storage, "/d")).toEqual([]);
  });

  it("is stale if an unknown owner has not refreshed it for a minute, and not before", async () => {
    const old = await folderWith(["m.saving"], 61, "tfsaver elsewhere/1/0 7\n");
    const lock = await lockPrefix("/d/m", { storage: old, onWarning });
    expect(lock.wasAbandoned).toBe(true);
    await lock.release();
    const young = await folderWith(["m.saving"], 1, "tfsaver elsewhere/1/0 7\n");
    const abort = new AbortController();
    const waiting = lockPrefix("/d/m", { storage: young, onWarning, signal: abort.signal });
    setTimeout(() => abort.abort(), 100);
    await expect(waiting).rejects.toMatchObject({ kind: "CancelledError" });
    expect(await filesIn(young, "/d")).toEqual(["m.saving"]);
  });

  it.each(["", "tfsaver else"])(
    "is stale after 20 seconds if its owner was killed while making it: %j",
    async (text) => {
      const old = await folderWith(["m.saving"], 21, text);
      const lock = await lockPrefix("/d/m", { storage: old, onWarning });
      expect(lock.wasAbandoned).toBe(true);
      await lock.release();
      const young = await folderWith(["m.saving"], 15, text);
      expect(await removeDebris("/d", { storage: young, olderThan: 0 })).toEqual([]);
    },
  );

  it("stays with a process that lives, for an hour", async () => {
    const { thisProcess } = await import("@tfsaver/storage/host");
    const parent = thisProcess().replace(/\/\d+(:\d+)?\//, `/${process.ppid}/`);
    const suspended = await folderWith(["m.saving", "m.index.tempstate7777777777"], 3500, `tfsaver ${parent} 7\n`);
    expect(await removeDebris("/d", { storage: suspended, olderThan: 0 })).toEqual([]);
    const forgotten = await folderWith(["m.saving"], 3700, `tfsaver ${parent} 7\n`);
    const lock = await lockPrefix("/d/m", { storage: forgotten, onWarning });
    expect(lock.wasAbandoned).toBe(true);
    await lock.release();
  });

  it("is told by the storage, if that knows if its owner lives", async () => {
    let isAbandoned = true;
    const told = async (text: string) => {
      const storage = await folderWith(["m.saving"], 1, text);
      return Object.assign(storage, { isAbandoned: async () => isAbandoned });
    };
    for (const text of ["tfsaver page/1 7\n", "tfsaver pa", ""]) {
      const lock = await lockPrefix("/d/m", { storage: await told(text), onWarning });
      expect(lock.wasAbandoned, text).toBe(true);
      await lock.release();
    }
    isAbandoned = false;
    const held = Object.assign(await folderWith(["m.saving"], 3500, "tfsaver page/1 7\n"), {
      isAbandoned: async () => isAbandoned,
    });
    expect(await removeDebris("/d", { storage: held, olderThan: 0 })).toEqual([]);
  });

  it("is taken away by one of many", async () => {
    const storage = await folderWith(["m.saving"], 61, "tfsaver elsewhere/1/0 7\n");
    let holders = 0;
    const found = await Promise.all(
      [1, 2, 3].map(async () => {
        const lock = await lockPrefix("/d/m", { storage, onWarning });
        expect(++holders).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        holders--;
        await lock.release();
        return lock.wasAbandoned;
      }),
    );
    expect(found.filter(Boolean)).toHaveLength(1);
    expect(await filesIn(storage, "/d")).toEqual([]);
  });

  it("is given back by its owner alone", async () => {
    const storage = await folderWith([], 0);
    const lock = await lockPrefix("/d/m", { storage, onWarning });
    await writeFileAtomically(storage, "/d/m.saving", new TextEncoder().encode("tfsaver elsewhere/1/0 8\n"));
    await lock.release();
    expect(await filesIn(storage, "/d")).toEqual(["m.saving"]);
  });

  it("makes the folder that it needs, if it may", async () => {
    const storage = new MemoryStorage();
    const lock = await lockPrefix("/new/m", { storage, onWarning, createFolder: true });
    expect([lock.isHeld, lock.madeFolder, await filesIn(storage, "/new")]).toEqual([true, true, ["m.saving"]]);
    await lock.release();
  });

  it("is refreshed as long as it is held", async () => {
    vi.useFakeTimers();
    const storage = new MemoryStorage();
    const lock = await lockPrefix("/m", { storage, onWarning });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(Date.now() - ((await storage.stat("/m.saving"))?.modifiedMs ?? 0)).toBeLessThan(11_000);
    await lock.release();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await storage.stat("/m.saving")).toBeUndefined();
  });

  it("locks nothing where there is no folder yet", async () => {
    const lock = await lockPrefix("/none/m", { storage: new MemoryStorage(), onWarning });
    expect(lock.isHeld).toBe(false);
    await lock.release();
  });

  it("says after a second who holds the lock, and gives up after a timeout", async () => {
    const held = await folderWith(["m.saving"], 1, "tfsaver far-away:1:2/77:5/0 7\n");
    const warnings: string[] = [];
    const options = { storage: held, onWarning: (message: string) => warnings.push(message), lockTimeoutMs: 1500 };
    await expect(lockPrefix("/d/m", options)).rejects.toMatchObject({
      kind: "UnavailableError",
      message: expect.stringMatching(
        /\/d\/m is not saved: \/d\/m\.saving is held by process 77 on far-away .*lockTimeoutMs/,
      ),
    });
    expect(warnings).toEqual([expect.stringContaining("/d/m.saving is held by process 77 on far-away")]);
  });

  it.each([
    ["a folder", (storage: MemoryStorage) => storage.createDirectory("/d/m.saving"), "is no file"],
    [
      "a file of another program",
      (storage: MemoryStorage) => putFile(storage, "/d/m.saving", "my thesis"),
      "another program",
    ],
  ])("fails at once if %s has the name of the lock", async (_, put, message) => {
    const storage = await folderWith([], 0);
    await put(storage);
    await expect(lockPrefix("/d/m", { storage, onWarning })).rejects.toMatchObject({
      kind: "FailedPreconditionError",
      path: "/d/m.saving",
      message: expect.stringContaining(message),
    });
  });

  it("fails if a lock was written in the future by an owner of whom nothing is known", async () => {
    const storage = await folderWith(["m.saving"], -7200, "tfsaver elsewhere/1/0 7\n");
    await expect(lockPrefix("/d/m", { storage, onWarning })).rejects.toMatchObject({
      kind: "FailedPreconditionError",
      message: expect.stringContaining("in the future"),
    });
  });

  it("is not left behind because one read or one removal of it fails", async () => {
    for (const failing of ["open", "read", "remove"]) {
      const inner = await folderWith([], 0);
      let isReleasing = false;
      const storage = new FaultyStorage(inner, {
        fail: ({ kind, path }) => {
          const fails = isReleasing && kind === failing && path === "/d/m.saving";
          if (fails) isReleasing = false;
          return fails;
        },
      });
      const lock = await lockPrefix("/d/m", { storage, onWarning });
      isReleasing = true;
      await lock.release();
      expect([failing, isReleasing, await filesIn(inner, "/d")]).toEqual([failing, false, []]);
    }
  });
});
