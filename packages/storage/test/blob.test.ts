import { readFile } from "@tfsaver/storage";
import { BlobStorage, type DroppedItems, droppedFiles } from "@tfsaver/storage/blob";
import { readOnlyStorageSuite } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { textOf } from "../../../fixtures/storage-files.js";

describe.each(["", "/", "."])("BlobStorage with the root %j", (root) => {
  const suite = readOnlyStorageSuite(async (files) => {
    const blobs = Object.entries(files).map(([path, bytes]) => [path, new Blob([bytes.slice()])] as const);
    return { storage: new BlobStorage(new Map(blobs)), root };
  });
  for (const { name, run } of suite) it(name, run);
});

describe("BlobStorage", () => {
  it("stores files by their names, or by their paths in a chosen folder", async () => {
    const chosen = new File(["2"], "b", { lastModified: 5 });
    Object.defineProperty(chosen, "webkitRelativePath", { value: "folder/sub/b" });
    const files = [new File(["1"], "a", { lastModified: 4 }), chosen];
    const list = { 0: files[0] as File, 1: files[1] as File, length: 2 };
    for (const source of [files, new Set(files), list]) {
      const storage = new BlobStorage(source);
      expect(storage.paths).toEqual(["a", "folder/sub/b"]);
      expect(await textOf(storage, "a")).toBe("1");
      expect(await textOf(storage, "folder/sub/b")).toBe("2");
      expect(await storage.stat("folder/sub/b")).toEqual({ kind: "file", size: 1, modifiedMs: 5 });
    }
  });

  it("reads pieces of a blob into many targets, never the whole blob", async () => {
    const bytes = new Uint8Array(20_000_000);
    for (let i = 0; i < bytes.length; i++) bytes[i] = i ^ (i >> 9);
    const blob = new Blob([bytes]);
    let largest = 0;
    const slice = blob.slice.bind(blob);
    blob.slice = (start = 0, end = 0) => {
      largest = Math.max(largest, end - start);
      return slice(start, end);
    };
    const file = await new BlobStorage(new Map([["a", blob]])).open("a");
    const lengths = [3, 0, 9_000_000, 1, 0, 1000, 9_999_000];
    const targets = lengths.map((length) => new Uint8Array(length));
    await file.readInto(10, targets);
    let at = 10;
    for (const target of targets) {
      expect(target.findIndex((byte, i) => byte !== bytes[at + i])).toBe(-1);
      at += target.length;
    }
    expect(largest).toBeLessThan(10_000_000);
  });

  it("reports a file that was removed or changed since it was chosen", async () => {
    const failing = (name: string) => {
      const blob = new Blob(["1234"]);
      blob.slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException("The file", name)) }) as Blob;
      return readFile(new BlobStorage(new Map([["d/a", blob]])), "d/a");
    };
    await expect(failing("NotFoundError")).rejects.toMatchObject({ kind: "NotFoundError", path: "d/a" });
    await expect(failing("NotReadableError")).rejects.toThrow(
      "d/a cannot be read: The file. The file may have changed since",
    );
    const short = new Blob(["1234"]);
    short.slice = () => new Blob(["1"]);
    await expect(readFile(new BlobStorage(new Map([["a", short]])), "a")).rejects.toThrow("read 1 bytes instead of 4");
  });
});

describe("droppedFiles", () => {
  const fileEntry = (name: string, content = name) => ({
    isFile: true,
    name,
    file: (done: (file: File) => void) => done(new File([content], name)),
  });
  const folderEntry = (name: string, ...batches: object[][]) => ({
    isFile: false,
    name,
    createReader: () => {
      const left = [...batches, []];
      return { readEntries: (done: (entries: object[]) => void) => done(left.shift() ?? []) };
    },
  });
  const dropped = (...entries: (object | null)[]) =>
    ({ items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })) }) as DroppedItems;

  it("finds the files of dropped folders, in any number of batches", async () => {
    const folder = folderEntry("run", [fileEntry("a"), folderEntry("sub", [fileEntry("b")])], [fileEntry("c")]);
    const files = await droppedFiles(dropped(fileEntry("x"), null, folder, folderEntry("none")));
    expect([...files.keys()]).toEqual(["x", "run/a", "run/sub/b", "run/c"]);
    expect(await textOf(new BlobStorage(files), "run/sub/b")).toBe("b");
  });

  it("gets all entries before it waits, because a browser then empties the drop", async () => {
    let taken = 0;
    const entry = () => {
      taken++;
      return fileEntry("a");
    };
    const pending = droppedFiles({ items: [{ webkitGetAsEntry: entry }, { webkitGetAsEntry: entry }] });
    expect(taken).toBe(2);
    await pending;
  });

  it("fails with the error of the browser", async () => {
    const error = new DOMException("no", "NotReadableError");
    const bad = { ...fileEntry("a"), file: (_: unknown, failed: (error: unknown) => void) => failed(error) };
    await expect(droppedFiles(dropped(bad))).rejects.toBe(error);
  });
});
