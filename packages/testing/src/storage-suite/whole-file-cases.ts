import { joinPath, readFile, type Storage } from "@tfsaver/storage";
import { ensure, ensureBytes, ensureEqual, ensureFails } from "../assertions.js";
import { pattern, put, type StorageCase } from "./files.js";

/** Cases for files that are read and written in one step, where the storage can. */
export const wholeFileCases: readonly StorageCase[] = [
  whole("get returns a whole file, and undefined where nothing is", async ({ get }, storage, root) => {
    const path = joinPath(root, "a");
    ensureEqual(await get(path), undefined, "a missing file");
    await put(storage, path, pattern(1000));
    ensureBytes((await get(path))?.bytes ?? new Uint8Array(), pattern(1000), "content");
    await put(storage, path, new Uint8Array());
    ensureEqual((await get(path))?.bytes.length, 0, "length of an empty file");
  }),
  whole("get refuses a file of more bytes than the limit", async ({ get }, storage, root) => {
    const path = joinPath(root, "a");
    await put(storage, path, pattern(1000));
    ensureEqual((await get(path, { maxBytes: 1000 }))?.bytes.length, 1000, "length of a file at the limit");
    await ensureFails(() => get(path, { maxBytes: 999 }), "ResourceExhaustedError", path, "get");
  }),
  whole("put makes and replaces files, and copies what it is given", async ({ put: putFile }, storage, root) => {
    const path = joinPath(root, "a");
    for (const length of [100, 10, 0]) {
      const bytes = pattern(length, length);
      await putFile(path, bytes);
      bytes.fill(0);
      ensureBytes(await readFile(storage, path), pattern(length, length), "content");
    }
  }),
  whole("of several exclusive puts, one succeeds", async ({ put: putFile }, storage, root) => {
    if (!storage.capabilities.exclusiveCreate) return;
    const path = joinPath(root, "a");
    const attempts = [1, 2, 3].map((size) => putFile(path, pattern(size), { exclusive: true }).then(() => size));
    const done = (await Promise.allSettled(attempts)).flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
    ensureEqual(done.length, 1, "files made");
    await ensureFails(() => putFile(path, pattern(9), { exclusive: true }), "AlreadyExistsError", path, "put");
    ensureBytes(await readFile(storage, path), pattern(done[0] as number), "content");
  }),
  whole("put with a version replaces that state of the file and no other", async (files, storage, root) => {
    const path = joinPath(root, "a");
    const first = await files.put(path, pattern(1));
    ensureEqual((await files.get(path))?.version, first, "version that get tells");
    const second = await files.put(path, pattern(2), { ifVersion: first });
    ensure(first !== second, "another content has another version");
    await ensureFails(() => files.put(path, pattern(3), { ifVersion: first }), "AbortedError", path, "put");
    ensureBytes(await readFile(storage, path), pattern(2), "content");
    await storage.remove(path);
    await ensureFails(() => files.put(path, pattern(3), { ifVersion: second }), "AbortedError", path, "put");
    ensureEqual(await storage.stat(path), undefined, "a removed file");
  }),
  whole("remove with a version removes that state of the file and no other", async (files, storage, root) => {
    const path = joinPath(root, "a");
    const first = await files.put(path, pattern(1));
    const second = await files.put(path, pattern(2));
    await ensureFails(() => storage.remove(path, { ifVersion: first }), "AbortedError", path, "remove");
    ensureBytes(await readFile(storage, path), pattern(2), "content");
    await storage.remove(path, { ifVersion: second });
    ensureEqual(await storage.stat(path), undefined, "stat of the removed file");
  }),
];

type WholeFiles = { readonly [Name in "get" | "put"]: NonNullable<Storage[Name]> };

/** Makes a case that a storage without these methods passes. */
function whole(name: string, check: (files: WholeFiles, storage: Storage, root: string) => Promise<void>): StorageCase {
  return [
    name,
    async (storage, root) => {
      ensureEqual(storage.get === undefined, storage.put === undefined, "get and put are there both or not at all");
      const { get, put: putFile } = storage;
      if (get === undefined || putFile === undefined) return;
      await check({ get: get.bind(storage), put: putFile.bind(storage) }, storage, root);
    },
  ];
}
