import { findDebris, lockPrefix, removeDebris, removeDebrisOf } from "@tfsaver/checkpoint-files";
import { MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
import { afterEach, describe, expect, it, vi } from "vitest";
import { filesIn } from "../../../fixtures/storage-files.js";

const HEX = "0123456789abcdef".repeat(2);
const onWarning = (message: string) => {
  throw new Error(message);
};

/** A folder with files that were last changed so many seconds ago. */
async function folderWith(names: readonly string[], secondsAgo: number, text = "x"): Promise<MemoryStorage> {
  const storage = new MemoryStorage({ now: () => Date.now() - secondsAgo * 1000 });
  await storage.createDirectory("/d");
  for (const name of names) {
    if (name.includes("/")) await storage.createDirectory(`/d/${name.slice(0, name.indexOf("/"))}`);
    if (!name.endsWith("/")) await writeFileAtomically(storage, `/d/${name}`, new TextEncoder().encode(text));
  }
  return storage;
}

const DEBRIS = [
  "m-1.data-00000-of-00001.tempstate12345",
  "m-1.index.tempstate18446744073709551615",
  "m-2.tempstate7",
  "m-3-00000-of-00002.tempstate7",
  `checkpoint.tmp${HEX}`,
  `m-4.meta.tmp${HEX}`,
  "m-5_temp/part-00000-of-00002.data-00000-of-00001",
  "m-5_temp/part-00001-of-00002.index.tempstate99",
  `m-6_temp_${HEX}/part-00000-of-00002.index`,
];
const LIVE = [
  "checkpoint",
  "m-1.tmp",
  "m-7.data-00000-of-00001",
  "m-7.index",
  "m-7.meta",
  "m-8.data-00000-of-00001",
  `m.tmp${HEX.slice(1)}`,
  "mine.temporary",
  "m_temp/",
  "n_temp/notes.txt",
  "saving",
  "tempstate1",
];

describe("findDebris", () => {
  it("knows temporary files and folders, TensorFlow's too, and nothing else", async () => {
    const storage = await folderWith([...DEBRIS, ...LIVE], 4000);
    const before = await filesIn(storage, "/d");
    const found = await findDebris("/d", { storage });
    const folders = DEBRIS.map((name) => name.replace(/\/.*/, ""));
    expect(found.map(({ path }) => path)).toEqual([...new Set(folders)].map((name) => `/d/${name}`).sort());
    expect(found.every(({ action }) => action === "remove")).toBe(true);
    expect(await filesIn(storage, "/d")).toEqual(before);
    expect(await removeDebris("/d", { storage })).toEqual(found);
    expect(await filesIn(storage, "/d")).toEqual(LIVE.map((name) => name.replace(/\/.*/, "")).sort());
    expect(await filesIn(storage, "/d/n_temp")).toEqual(["notes.txt"]);
  });

  it("leaves what was changed lately, as long as it is told", async () => {
    const storage = await folderWith(DEBRIS, 100);
    expect(await findDebris("/d", { storage })).toEqual([]);
    expect(await findDebris("/d", { storage, olderThan: 101 })).toEqual([]);
    expect(await findDebris("/d", { storage, olderThan: 99 })).toHaveLength(8);
  });

  it("takes data files without an index for debris only where something tells that they are", async () => {
    const storage = await folderWith(["a.data-00000-of-00001", "b.data-00000-of-00001", "b.index.tempstate1"], 4000);
    await removeDebris("/d", { storage });
    expect(await filesIn(storage, "/d")).toEqual(["a.data-00000-of-00001"]);
  });

  it("gives a checkpoint that had just replaced another its names, and takes one away that had not", async () => {
    const after = ["m.temp-00000-of-00002", "m.data-00001-of-00002", "m.index.tempstate0"];
    const before = ["n.temp-00000-of-00001", "n.data-00000-of-00001", "n.index", "n.index.tempstate0"];
    const storage = await folderWith([...after, ...before], 4000);
    const found = await findDebris("/d", { storage });
    expect(found.map(({ path, action }) => `${action} ${path}`)).toEqual([
      "finish /d/m.index.tempstate0",
      "finish /d/m.temp-00000-of-00002",
      "remove /d/n.index.tempstate0",
      "remove /d/n.temp-00000-of-00001",
    ]);
    await removeDebris("/d", { storage });
    expect(await filesIn(storage, "/d")).toEqual([
      "m.data-00000-of-00002",
      "m.data-00001-of-00002",
      "m.index",
      "n.data-00000-of-00001",
      "n.index",
    ]);
  });

  it("leaves what a saver is at work on, however old", async () => {
    const storage = await folderWith(["m-1.index.tempstate5", "m-2.index.tempstate5"], 4000);
    const lock = await lockPrefix("/d/m-1", { storage, onWarning });
    expect((await findDebris("/d", { storage })).map(({ path }) => path)).toEqual(["/d/m-2.index.tempstate5"]);
    await lock.release();
    expect(await findDebris("/d", { storage })).toHaveLength(2);
  });

  it("leaves the state file and the meta graph that a saver of any checkpoint may be writing, however old", async () => {
    const small = ["checkpoint", "checkpoint.records.json", "m-1.meta", "m-1_debug.meta"].map(
      (name) => `${name}.tmp${HEX}`,
    );
    const storage = await folderWith(small, 4000);
    const lock = await lockPrefix("/d/m-2", { storage, onWarning });
    expect(await findDebris("/d", { storage, olderThan: 0 })).toEqual([]);
    expect(await removeDebris("/d", { storage, olderThan: 0 })).toEqual([]);
    expect(await filesIn(storage, "/d")).toEqual([...small, "m-2.saving"].sort());
    await lock.release();
    expect(await removeDebris("/d", { storage, olderThan: 0 })).toHaveLength(small.length);
    const abandoned = await folderWith([...small, "m-2.saving"], 4000, "elsewhere/1/0 .tempstate7\n");
    expect(await removeDebris("/d", { storage: abandoned, olderThan: 0 })).toHaveLength(small.length + 1);
    expect(await filesIn(abandoned, "/d")).toEqual([]);
  });

  it("knows at once what a process has left that has ended", async () => {
    const storage = await folderWith(["m-1.index.tempstate5", "m-1.saving"], 0, "elsewhere/1/0 .tempstate7\n");
    expect(await findDebris("/d", { storage })).toEqual([]);
    const { thisProcess } = await import("@tfsaver/storage/host");
    const halfWritten = await folderWith(["m-1.index.tempstate5", "m-1.saving"], 0, `${thisProcess()} .tempst`);
    expect(await findDebris("/d", { storage: halfWritten, olderThan: 0 })).toEqual([]);
    const ended = await folderWith(["m-1.index.tempstate5", "m-1.saving"], 0, `${thisProcess()} of-an-earlier-one\n`);
    expect(await findDebris("/d", { storage: ended })).toHaveLength(2);
  });

  it("leaves what somebody has begun to save since it was looked at", async () => {
    class Racing extends MemoryStorage {
      begin: (() => Promise<unknown>) | undefined;
      override async list(path: string) {
        const entries = await super.list(path);
        const begin = this.begin;
        this.begin = undefined;
        await begin?.();
        return entries;
      }
    }
    const storage = new Racing({ now: () => Date.now() - 4_000_000 });
    await storage.createDirectory("/d");
    for (const name of ["m.data-00000-of-00001", "m.index.tempstate1"])
      await writeFileAtomically(storage, `/d/${name}`, new Uint8Array(1));
    storage.begin = () => lockPrefix("/d/m", { storage, onWarning });
    expect(await removeDebris("/d", { storage })).toEqual([]);
    expect(await filesIn(storage, "/d")).toEqual(["m.data-00000-of-00001", "m.index.tempstate1", "m.saving"]);
  });

  it("is a NotFoundError where there is no folder", async () => {
    await expect(findDebris("/none", { storage: new MemoryStorage() })).rejects.toMatchObject({
      kind: "NotFoundError",
    });
  });
});

describe("removeDebrisOf", () => {
  it("takes that of one checkpoint, however new", async () => {
    const storage = await folderWith(
      ["m-1.index.tempstate5", "m-1_temp/part-00000-of-00001.index", "m-10.index.tempstate5"],
      0,
    );
    await removeDebrisOf("/d/m-1", { storage });
    expect(await filesIn(storage, "/d")).toEqual(["m-10.index.tempstate5"]);
    await removeDebrisOf("/none/m-1", { storage });
  });
});

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

  it("is taken from whom nobody has heard of for a minute, and from nobody else", async () => {
    const old = await folderWith(["m.saving"], 61, "elsewhere/1/0 .tempstate7\n");
    const lock = await lockPrefix("/d/m", { storage: old, onWarning });
    expect(lock.wasAbandoned).toBe(true);
    await lock.release();
    const young = await folderWith(["m.saving"], 1, "elsewhere/1/0 .tempstate7\n");
    const abort = new AbortController();
    const waiting = lockPrefix("/d/m", { storage: young, onWarning, signal: abort.signal });
    setTimeout(() => abort.abort(), 100);
    await expect(waiting).rejects.toMatchObject({ kind: "CancelledError" });
    expect(await filesIn(young, "/d")).toEqual(["m.saving"]);
  });

  it("stays with a process that lives, for an hour", async () => {
    const { thisProcess } = await import("@tfsaver/storage/host");
    const parent = thisProcess().replace(`/${process.pid}/`, `/${process.ppid}/`);
    const suspended = await folderWith(
      ["m.saving", "m.index.tempstate77"],
      3500,
      `${parent} of-a-process-that-lives\n`,
    );
    expect(await removeDebris("/d", { storage: suspended, olderThan: 0 })).toEqual([]);
    const forgotten = await folderWith(["m.saving"], 3700, `${parent} of-a-process-that-lives\n`);
    const lock = await lockPrefix("/d/m", { storage: forgotten, onWarning });
    expect(lock.wasAbandoned).toBe(true);
    await lock.release();
  });

  it("is taken away by one of many", async () => {
    const storage = await folderWith(["m.saving"], 61, "elsewhere/1/0 .tempstate7\n");
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
    await writeFileAtomically(storage, "/d/m.saving", new TextEncoder().encode("elsewhere/1/0 somebody"));
    await lock.release();
    expect(await filesIn(storage, "/d")).toEqual(["m.saving"]);
  });

  it("makes the folder that it needs, if it may", async () => {
    const storage = new MemoryStorage();
    const lock = await lockPrefix("/new/m", { storage, onWarning, createFolder: true });
    expect([lock.isHeld, lock.madeFolder, await filesIn(storage, "/new")]).toEqual([true, true, ["m.saving"]]);
    await lock.release();
  });

  it("is renewed as long as it is held, so that nobody elsewhere takes it", async () => {
    vi.useFakeTimers();
    const storage = new MemoryStorage();
    const lock = await lockPrefix("/m", { storage, onWarning });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(Date.now() - ((await storage.stat("/m.saving"))?.modifiedMs ?? 0)).toBeLessThan(11_000);
    await lock.release();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await storage.stat("/m.saving")).toBeUndefined();
  });

  it("holds up nobody where there is no folder yet", async () => {
    const lock = await lockPrefix("/none/m", { storage: new MemoryStorage(), onWarning });
    expect(lock.isHeld).toBe(false);
    await lock.release();
  });
});
