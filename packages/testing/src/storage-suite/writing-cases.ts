import { closing, joinPath, readFile } from "@tfsaver/storage";
import { ensure, ensureBytes, ensureEqual, ensureFails } from "../assertions.js";
import { names, pattern, put, type StorageCase } from "./files.js";

/** Cases for writing, renaming and removing. */
export const writingCases: readonly StorageCase[] = [
  [
    "writes append; a file may have none, one or many",
    async (storage, root) => {
      const path = joinPath(root, "a");
      const file = await storage.create(path);
      ensureEqual(file.path, path, "path of the new file");
      await closing(file, async () => {
        await file.write([]);
        await file.write([pattern(10, 1), new Uint8Array(), pattern(5, 2)]);
        await file.write([pattern(7, 3)]);
      });
      const expected = Uint8Array.from([...pattern(10, 1), ...pattern(5, 2), ...pattern(7, 3)]);
      ensureBytes(await readFile(storage, path), expected, "content");
      await closing(await storage.create(joinPath(root, "none")), async () => undefined);
      ensureEqual((await storage.stat(joinPath(root, "none")))?.size, 0, "size of a file without writes");
    },
  ],
  [
    "one write takes thousands of chunks of any size",
    async (storage, root) => {
      const bytes = pattern(3_000_000);
      const chunks: Uint8Array[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const length = i === 2500 ? 1_500_000 : i % 700;
        chunks.push(bytes.subarray(at, at + length));
        at += length;
      }
      const file = await storage.create(joinPath(root, "large"));
      await closing(file, () => file.write(chunks));
      ensureBytes(await readFile(storage, joinPath(root, "large")), bytes, "content");
    },
  ],
  [
    "one of several exclusive creates succeeds",
    async (storage, root) => {
      if (!storage.capabilities.exclusiveCreate) return;
      const path = joinPath(root, "a");
      const attempts = [1, 2, 3].map(async (size) => {
        const file = await storage.create(path, { exclusive: true });
        await closing(file, () => file.write([pattern(size)]));
        return size;
      });
      const done = (await Promise.allSettled(attempts)).flatMap((end) =>
        end.status === "fulfilled" ? [end.value] : [],
      );
      ensureEqual(done.length, 1, "files made");
      const again = () => storage.create(path, { exclusive: true });
      await ensureFails(again, "AlreadyExistsError", path, "exclusive create");
      ensureBytes(await readFile(storage, path), pattern(done[0] as number), "content");
    },
  ],
  [
    "the creator of an exclusive file lives",
    async (storage, root) => {
      if (storage.isAbandoned === undefined) return;
      const path = joinPath(root, "a");
      for (const step of ["created", "created again"]) {
        await (await storage.create(path, { exclusive: true })).close();
        ensureEqual(await storage.isAbandoned(path), false, `abandoned when ${step}`);
        await storage.remove(path);
        ensureEqual(await storage.isAbandoned(path), false, "abandoned when removed");
      }
    },
  ],
  [
    "memory may be reused once its write is done",
    async (storage, root) => {
      const file = await storage.create(joinPath(root, "a"));
      const buffer = pattern(100, 1);
      await closing(file, async () => {
        await file.write([buffer]);
        buffer.fill(0);
      });
      ensureBytes(await readFile(storage, joinPath(root, "a")), pattern(100, 1), "content");
    },
  ],
  [
    "create replaces an existing file, even a longer one",
    async (storage, root) => {
      const path = joinPath(root, "a");
      await put(storage, path, pattern(100, 1));
      const file = await storage.create(path);
      await closing(file, async () => {
        const bytes = (await storage.stat(path))?.size;
        ensureEqual(bytes, storage.capabilities.atomicPut ? 100 : 0, "size before the first write");
        await file.write([pattern(10, 2)]);
      });
      ensureBytes(await readFile(storage, path), pattern(10, 2), "content");
    },
  ],
  [
    "a new file appears at once, or with atomicPut when it is closed",
    async (storage, root) => {
      const path = joinPath(root, "a");
      const file = await storage.create(path);
      await closing(file, async () => {
        await file.write([pattern(10)]);
        const shows = (await storage.stat(path)) !== undefined;
        ensureEqual(shows, !storage.capabilities.atomicPut, "visible before it is closed");
      });
      ensureEqual((await storage.stat(path))?.size, 10, "size after it is closed");
    },
  ],
  [
    "sync and syncDirectory may be called at any time",
    async (storage, root) => {
      const file = await storage.create(joinPath(root, "a"));
      await closing(file, async () => {
        await file.sync();
        await file.write([pattern(10)]);
        await file.sync();
      });
      await storage.syncDirectory(root);
      ensureBytes(await readFile(storage, joinPath(root, "a")), pattern(10), "content");
    },
  ],
  [
    "rename moves a file, even to another directory",
    async (storage, root) => {
      await storage.createDirectory(joinPath(root, "d"));
      await put(storage, joinPath(root, "a"), pattern(100));
      await storage.rename(joinPath(root, "a"), joinPath(root, "d/b"));
      ensureBytes(await readFile(storage, joinPath(root, "d/b")), pattern(100), "content");
      ensureEqual(await names(storage, root), ["d/"], "names left");
    },
  ],
  [
    "rename replaces a file of the new name",
    async (storage, root) => {
      await put(storage, joinPath(root, "a"), pattern(10, 1));
      await put(storage, joinPath(root, "b"), pattern(100, 2));
      await storage.rename(joinPath(root, "a"), joinPath(root, "b"));
      ensureBytes(await readFile(storage, joinPath(root, "b")), pattern(10, 1), "content");
      ensureEqual(await names(storage, root), ["b"], "names left");
    },
  ],
  [
    "remove removes only the named file",
    async (storage, root) => {
      for (const name of ["a", "a1", "ab"]) await put(storage, joinPath(root, name), pattern(1));
      await storage.remove(joinPath(root, "a"));
      ensureEqual(await names(storage, root), ["a1", "ab"], "names left");
      ensureEqual(await storage.stat(joinPath(root, "a")), undefined, "stat of the removed file");
    },
  ],
  [
    "names may contain any characters, and are compared exactly",
    async (storage, root) => {
      const odd = ["a b", "a[1].txt", "a*", "a?", "é漢🎉", "e\u0301", "A", "a", "#%20+&=~", "'\"", "-x", "..x", ".x"];
      for (const [i, name] of odd.entries()) await put(storage, joinPath(root, name), pattern(10, i));
      ensureEqual(await names(storage, root), [...odd].sort(), "names");
      for (const [i, name] of odd.entries()) {
        ensureBytes(await readFile(storage, joinPath(root, name)), pattern(10, i), `content of ${name}`);
      }
      await storage.remove(joinPath(root, "a*"));
      await storage.rename(joinPath(root, "a?"), joinPath(root, "a[1]"));
      const left = [...odd.filter((name) => name !== "a*" && name !== "a?"), "a[1]"];
      ensureEqual(await names(storage, root), left.sort(), "names after a remove and a rename");
    },
  ],
  [
    "all capabilities are booleans",
    async (storage) => {
      const { atomicRename, atomicPut, exclusiveCreate, fsync, rangeReads } = storage.capabilities;
      for (const capability of [atomicRename, atomicPut, exclusiveCreate, fsync, rangeReads]) {
        ensure(typeof capability === "boolean", `a capability is ${String(capability)}`);
      }
    },
  ],
];
