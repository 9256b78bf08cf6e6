import { findDebris, lockPrefix, removeDebris, removeDebrisOf } from "@tfsaver/checkpoint-files";
import { MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { addFiles, filesIn, putFile } from "../../../fixtures/storage-files.js";
import { contentOf, folderWith } from "./debris-files.js";

const HEX = "0123456789abcdef".repeat(2);
const onWarning = (message: string) => {
  throw new Error(message);
};

const DEBRIS = [
  "m-1.data-00000-of-00001.tempstate1234567890",
  "m-1.index.tempstate18446744073709551615",
  "m-2.tempstate7777777777",
  "m-3-00000-of-00002.tempstate7777777777",
  `checkpoint.tmp${HEX}`,
  `m-4.meta.tmp${HEX}`,
  "m-5_temp/part-00000-of-00002.data-00000-of-00001",
  "m-5_temp/part-00001-of-00002.index.tempstate9999999999",
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

  it("takes an abandoned lock whose remover was killed too", async () => {
    const storage = await folderWith(["m.saving", "m.data-00000-of-00001"], 4000);
    await writeFileAtomically(storage, "/d/m.saving.tempstate2", new Uint8Array());
    const removed = await removeDebris("/d", { storage });
    expect(removed.map(({ path }) => path)).toContain("/d/m.saving");
    expect(await filesIn(storage, "/d")).toEqual([]);
  });

  it("takes what a removal began to remove for debris at once, and what is written beside it only when it is old", async () => {
    const names = [
      "b.data-00000-of-00001",
      "b.index.tempstate1",
      "b.meta.tempstate1234567890",
      "m.index",
      "m.index.tempstate1",
    ];
    const storage = await folderWith(names, 1);
    await removeDebris("/d", { storage });
    expect(await filesIn(storage, "/d")).toEqual(["b.meta.tempstate1234567890", "m.index", "m.index.tempstate1"]);
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
    const storage = await folderWith(["m-1.index.tempstate5555555555", "m-2.index.tempstate5555555555"], 4000);
    const lock = await lockPrefix("/d/m-1", { storage, onWarning });
    expect((await findDebris("/d", { storage })).map(({ path }) => path)).toEqual(["/d/m-2.index.tempstate5555555555"]);
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
    const abandoned = await folderWith([...small, "m-2.saving"], 4000, "tfsaver elsewhere/1/0 7\n");
    expect(await removeDebris("/d", { storage: abandoned, olderThan: 0 })).toHaveLength(small.length + 1);
    expect(await filesIn(abandoned, "/d")).toEqual([]);
  });

  it("knows at once what a process has left that has ended", async () => {
    const storage = await folderWith(["m-1.index.tempstate5555555555", "m-1.saving"], 0, "tfsaver elsewhere/1/0 7\n");
    expect(await findDebris("/d", { storage })).toEqual([]);
    const { thisProcess } = await import("@tfsaver/storage/host");
    const halfWritten = await folderWith(
      ["m-1.index.tempstate5555555555", "m-1.saving"],
      0,
      `tfsaver ${thisProcess()} 12`,
    );
    expect(await findDebris("/d", { storage: halfWritten, olderThan: 0 })).toEqual([]);
    const ended = await folderWith(["m-1.index.tempstate5555555555", "m-1.saving"], 0, `tfsaver ${thisProcess()} 12\n`);
    expect(await findDebris("/d", { storage: ended })).toHaveLength(2);
  });

  it("leaves a checkpoint that another saver has begun to save since the first look", async () => {
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
      await writeFileAtomically(storage, `/d/${name}`, contentOf(name));
    storage.begin = () => lockPrefix("/d/m", { storage, onWarning });
    expect(await removeDebris("/d", { storage })).toEqual([]);
    expect(await filesIn(storage, "/d")).toEqual(["m.data-00000-of-00001", "m.index.tempstate1", "m.saving"]);
  });

  it("leaves files of other programs that only have the name of debris, until all temporary names are asked for", async () => {
    const storage = await folderWith(["my_temp/"], 4000);
    const foreign = {
      "/d/thesis.saving": "chapter one",
      "/d/x.tempstate7": "x",
      "/d/report.tempstate12345678901": "not a table",
      "/d/y.index.tempstate7": "x",
      "/d/z.index.tempstate0": "no table",
      "/d/z.temp-00000-of-00001": "x",
      "/d/w.index.tempstate1": "no table",
      "/d/w.data-00000-of-00001": "x",
      [`/d/notes.tmp${HEX}`]: "something else",
      "/d/my_temp/part-00000-of-00001": "x",
    };
    await addFiles(storage, foreign);
    expect(await findDebris("/d", { storage, olderThan: 0 })).toEqual([]);
    expect(await removeDebris("/d", { storage, olderThan: 0 })).toEqual([]);
    for (const path of Object.keys(foreign)) expect(await storage.stat(path), path).toBeDefined();
    const all = await findDebris("/d", { storage, allTemporary: true });
    expect(all.every(({ isRecognized }) => !isRecognized)).toBe(true);
    expect(all.map(({ path }) => path)).toEqual(
      [...Object.keys(foreign).filter((path) => !/\/part-|\.data-/.test(path)), "/d/my_temp"].sort(),
    );
    await removeDebris("/d", { storage, allTemporary: true });
    expect(await filesIn(storage, "/d")).toEqual(["w.data-00000-of-00001"]);
  });

  it("does not take a folder or an oversized file for a lock", async () => {
    const storage = await folderWith(["a.saving/"], 4000);
    await putFile(storage, "/d/b.saving", `tfsaver elsewhere/1/0 7\n${" ".repeat(2000)}`);
    expect(await findDebris("/d", { storage })).toEqual([]);
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
      ["m-1.index.tempstate5555555555", "m-1_temp/part-00000-of-00001.index", "m-10.index.tempstate5555555555"],
      0,
    );
    await removeDebrisOf("/d/m-1", { storage });
    expect(await filesIn(storage, "/d")).toEqual(["m-10.index.tempstate5555555555"]);
    await removeDebrisOf("/none/m-1", { storage });
  });
});
