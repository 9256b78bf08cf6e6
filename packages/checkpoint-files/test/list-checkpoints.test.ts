import { listCheckpoints } from "@tfsaver/checkpoint-files";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { addFiles, putFile, storageWith } from "../../../fixtures/storage-files.js";

const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];

function addTable(storage: MemoryStorage, path: string): Promise<void> {
  return putFile(storage, path, Uint8Array.from([...Array(40).fill(0), ...MAGIC]));
}

const prefixes = async (storage: MemoryStorage, stated: readonly string[] = []) =>
  (await listCheckpoints("run", { storage, stated })).map(({ prefix }) => prefix);

describe("listCheckpoints", () => {
  it("finds V2 checkpoints by their index, and data files without an index", async () => {
    const storage = await storageWith(["run/a.index", "run/a.data-00000-of-00001", "run/b.data-00001-of-00002"]);
    expect(await listCheckpoints("run", { storage })).toMatchObject([
      { prefix: "run/a", format: "V2", inState: false },
      { prefix: "run/b", format: "V2", inState: false },
    ]);
  });

  it("recognizes V1 by its last bytes, by a meta graph next to it, and by shards", async () => {
    const storage = await storageWith(["run/with-meta", "run/with-meta.meta", "run/notes.txt", "run/x-00000-of-00002"]);
    for (const name of ["table", "s-00000-of-00002", "s-00001-of-00002"]) await addTable(storage, `run/${name}`);
    const listed = await listCheckpoints("run", { storage });
    expect(listed.map(({ prefix, format }) => [prefix, format]).sort()).toEqual([
      ["run/s-?????-of-00002", "V1"],
      ["run/table", "V1"],
      ["run/with-meta", "V1"],
    ]);
  });

  it("skips folders, temporary files and the state file", async () => {
    const storage = await storageWith([
      "run/a.index.tempstate123",
      "run/a.data-00000-of-00001.tempstate123",
      "run/a_temp/part-00000-of-00002.index",
      "run/checkpoint",
    ]);
    await addTable(storage, "run/b.tempstate99");
    await addTable(storage, `run/c.tmp${"0".repeat(32)}`);
    expect(await listCheckpoints("run", { storage })).toEqual([]);
  });

  it("skips what a removal left that was interrupted, but nothing that a save may still finish", async () => {
    const data = (name: string) => `run/${name}.data-00000-of-00001`;
    const storage = await storageWith(["gone", "locked", "copied"].map(data));
    for (const name of ["gone", "locked"]) await addTable(storage, `run/${name}.index.tempstate1`);
    await addFiles(storage, ["run/locked.saving"]);
    const listed = await listCheckpoints("run", { storage });
    expect(listed.map(({ prefix }) => prefix)).toEqual(["run/copied", "run/locked"]);
  });

  it("keeps the order of the state file, with newer checkpoints after it and older ones before", async () => {
    const storage = await storageWith(["run/m-1000.index", "run/m-5.index", "run/m-7.index", "run/m-8.index"]);
    // m-1000 is of an earlier run, and older: files are as old as they are late in this list.
    for (const name of ["m-5", "m-7", "m-8", "m-30"]) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      await addFiles(storage, [`run/${name}.index`]);
    }
    expect(await prefixes(storage, ["run/m-7", "run/m-8"])).toEqual([
      "run/m-5",
      "run/m-1000",
      "run/m-7",
      "run/m-8",
      "run/m-30",
    ]);
  });

  it("orders checkpoints outside the state file by step, or by time if they have none", async () => {
    const storage = new MemoryStorage();
    for (const name of ["m-10", "best", "m-9"]) {
      await addFiles(storage, [`run/${name}.index`]);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(await prefixes(storage)).toEqual(["run/m-9", "run/m-10", "run/best"]);
  });

  it("lists each checkpoint of the state file once, in any folder and even if it is missing", async () => {
    const storage = await storageWith(["run/m-1.index", "run/m-2.index", "other/o-1.index"]);
    const stated = ["/moved/from/m-1", "/run/m-2", "run/../other/o-1", "run/m-3"];
    const listed = await listCheckpoints("run", { storage, stated });
    expect(listed.map(({ prefix, inState, modifiedMs }) => [prefix, inState, modifiedMs !== undefined])).toEqual([
      ["run/m-1", true, true],
      ["run/m-2", true, true],
      ["run/../other/o-1", true, true],
      ["run/m-3", true, false],
    ]);
  });

  it("reports a missing folder", async () => {
    await expect(listCheckpoints("none", { storage: new MemoryStorage() })).rejects.toMatchObject({
      kind: "NotFoundError",
    });
  });
});
