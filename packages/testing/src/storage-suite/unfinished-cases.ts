import { joinPath, type PreparedFile, readFile, type Storage, type UnfinishedFiles } from "@tfsaver/storage";
import { ensureBytes, ensureEqual, ensureFails } from "../assertions.js";
import { names, pattern, put, type StorageCase } from "./files.js";

/** Above the size of a part, where a storage sends files in parts. */
const LARGE = 12 << 20;

/** Cases for files that are not closed, where the storage shows a file only when it is. */
export const unfinishedCases: readonly StorageCase[] = [
  [
    "an abandoned file never appears, and leaves the one that it was to replace",
    async (storage, root) => {
      const path = joinPath(root, "a");
      for (const length of [10, LARGE]) {
        const file = await storage.create(path);
        if (file.abandon === undefined) {
          ensureEqual(storage.capabilities.atomicPut, false, "atomicPut of a storage whose files can't be abandoned");
          return file.close();
        }
        await file.write([pattern(length)]);
        await file.abandon();
        ensureEqual(await names(storage, root), [], "names");
      }
      await put(storage, path, pattern(5));
      const file = await storage.create(path);
      await file.write([pattern(10)]);
      await file.abandon?.();
      ensureBytes(await readFile(storage, path), pattern(5), "content");
    },
  ],
  unfinished("a prepared file appears when it is closed", async (_, storage, root) => {
    const path = joinPath(root, "a");
    for (const length of [0, 10, LARGE]) {
      const file = await storage.create(path);
      await file.write([pattern(length, 1)]);
      await file.prepare?.();
      ensureEqual(await storage.stat(path), undefined, "stat before it is closed");
      await file.close();
      ensureBytes(await readFile(storage, path), pattern(length, 1), "content");
      await storage.remove(path);
    }
  }),
  unfinished(
    "any process that has the ticket and the mark of a prepared file can finish it",
    async ({ finish, stateOf }, storage, root) => {
      const path = joinPath(root, "a");
      await put(storage, path, pattern(5));
      for (const length of [0, 10, LARGE]) {
        const file = await storage.create(path);
        await file.write([pattern(length, 1)]);
        const prepared = (await file.prepare?.()) as PreparedFile;
        ensureEqual(await stateOf(path, prepared), "waiting", "state before it is finished");
        await finish(path, prepared);
        ensureBytes(await readFile(storage, path), pattern(length, 1), "content");
        ensureEqual(await stateOf(path, prepared), "finished", "state after it is finished");
        await ensureFails(() => finish(path, prepared), "NotFoundError", path, "finish again");
      }
    },
  ),
  unfinished(
    "the state of a prepared file tells if it was closed, dropped or replaced",
    async (files, storage, root) => {
      const path = joinPath(root, "a");
      const prepare = async (seed: number) => {
        const file = await storage.create(path);
        await file.write([pattern(10, seed)]);
        return { file, prepared: (await file.prepare?.()) as PreparedFile };
      };
      const closed = await prepare(1);
      await closed.file.close();
      ensureEqual(await files.stateOf(path, closed.prepared), "finished", "state after close");
      const dropped = await prepare(2);
      await files.abandon(path, dropped.prepared.ticket);
      ensureEqual(await files.stateOf(path, dropped.prepared), "gone", "state of an abandoned file");
      await ensureFails(() => files.finish(path, dropped.prepared), "NotFoundError", path, "finish a dropped file");
      ensureEqual(await files.stateOf(path, closed.prepared), "finished", "state of the file before it");
      // The content is the same, but the file is another one.
      // The content is the same, but the file is another one.
      const next = await prepare(1);
      await files.finish(path, next.prepared);
      ensureEqual(await files.stateOf(path, closed.prepared), "gone", "state of a file that was replaced");
      ensureEqual(await files.stateOf(path, next.prepared), "finished", "state of the file that replaced it");
    },
  ),
  unfinished("unfinished files are listed by their directory, and can be abandoned", async (files, storage, root) => {
    const before = Date.now();
    await put(storage, joinPath(root, "d/b"), pattern(5));
    const paths = ["a", "d/b", "d/bb", "dd/b"].map((name) => joinPath(root, name));
    const prepared = new Map<string, PreparedFile>();
    for (const path of paths) {
      const file = await storage.create(path);
      await file.write([pattern(10)]);
      prepared.set(path, (await file.prepare?.()) as PreparedFile);
    }
    const found = await files.list(joinPath(root, "d"));
    ensureEqual(found.map(({ path }) => path).sort(), [paths[1], paths[2]], "paths");
    for (const { path, ticket, startedMs } of found) {
      ensureEqual(Math.abs(startedMs - before) < 3_600_000, true, `time of ${path}, ${startedMs}, is about now`);
      await files.abandon(path, ticket);
      await ensureFails(() => files.abandon(path, ticket), "NotFoundError", path, "abandon again");
      const file = prepared.get(path) as PreparedFile;
      ensureEqual(file.ticket, ticket, `ticket of ${path}`);
      await ensureFails(() => files.finish(path, file), "NotFoundError", path, "finish an abandoned file");
    }
    ensureEqual(await files.list(joinPath(root, "d")), [], "what is left");
    ensureEqual(
      (await files.list(root)).map(({ path }) => path),
      [paths[0]],
      "what is left beside it",
    );
    ensureBytes(await readFile(storage, joinPath(root, "d/b")), pattern(5), "the file that was to be replaced");
  }),
];

/** Makes a case that a storage without unfinished files passes. */
function unfinished(
  name: string,
  check: (files: UnfinishedFiles, storage: Storage, root: string) => Promise<void>,
): StorageCase {
  return [name, async (storage, root) => storage.unfinished && check(storage.unfinished, storage, root)];
}
