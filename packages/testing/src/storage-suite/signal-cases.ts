import { joinPath, type PreparedFile, readFile, type Storage } from "@tfsaver/storage";
import { ensure, ensureBytes, ensureEqual, ensureRejects } from "../assertions.js";
import { type GivenFilesCase, names, pattern, put, type StorageCase } from "./files.js";

const REASON = new Error("enough");
const aborted = () => ({ signal: AbortSignal.abort(REASON) });

/** Cases for calls whose signal is aborted before they begin. */
export const signalCases: readonly StorageCase[] = [
  [
    "an aborted signal ends each call with a CancelledError that holds the reason, and nothing is done",
    async (storage, root) => {
      const [file, directory, fresh] = ["a", "d", "new"].map((name) => joinPath(root, name)) as [
        string,
        string,
        string,
      ];
      await put(storage, file, pattern(10));
      await storage.createDirectory(directory);
      const before = await names(storage, root);
      await ensureCancelled({
        ...reads(storage, root),
        create: () => storage.create(fresh, aborted()),
        "create of a file that is there": () => storage.create(file, aborted()),
        rename: () => storage.rename(file, fresh, aborted()),
        remove: () => storage.remove(file, aborted()),
        createDirectory: () => storage.createDirectory(fresh, aborted()),
        removeDirectory: () => storage.removeDirectory(directory, aborted()),
        ...(storage.get && { get: async () => storage.get?.(file, aborted()) }),
        ...(storage.put && { put: async () => storage.put?.(file, pattern(5), aborted()) }),
      });
      ensureEqual(await names(storage, root), before, "names afterwards");
      ensureBytes(await readFile(storage, file), pattern(10), "content afterwards");
    },
  ],
  [
    "an aborted signal leaves unfinished files as they are",
    async (storage, root) => {
      const { unfinished } = storage;
      if (unfinished === undefined) return;
      const path = joinPath(root, "a");
      const file = await storage.create(path);
      await file.write([pattern(10)]);
      const prepared = (await file.prepare?.()) as PreparedFile;
      await ensureCancelled({
        "unfinished.list": () => unfinished.list(root, aborted()),
        "unfinished.finish": () => unfinished.finish(path, prepared, aborted()),
        "unfinished.stateOf": () => unfinished.stateOf(path, prepared, aborted()),
        "unfinished.abandon": () => unfinished.abandon(path, prepared.ticket, aborted()),
      });
      ensureEqual(await unfinished.stateOf(path, prepared), "waiting", "state afterwards");
      await unfinished.abandon(path, prepared.ticket);
    },
  ],
];

/** The same for storages that are only read. */
export const readSignalCases: readonly GivenFilesCase[] = [
  {
    name: "an aborted signal ends each call with a CancelledError that holds the reason",
    files: { a: pattern(10) },
    check: (storage, root) => ensureCancelled(reads(storage, root)),
  },
];

function reads(storage: Storage, root: string): Readonly<Record<string, () => Promise<unknown>>> {
  const path = joinPath(root, "a");
  return {
    open: () => storage.open(path, aborted()),
    stat: () => storage.stat(path, aborted()),
    list: () => storage.list(root, aborted()),
    syncDirectory: () => storage.syncDirectory(root, aborted()),
    readInto: async () => {
      const file = await storage.open(path);
      const target = new Uint8Array(10);
      try {
        await file.readInto(0, [target], aborted());
      } finally {
        ensureBytes(target, new Uint8Array(10), "the memory to fill");
        await file.close();
      }
    },
  };
}

async function ensureCancelled(calls: Readonly<Record<string, () => Promise<unknown>>>): Promise<void> {
  for (const [name, call] of Object.entries(calls)) {
    const error = await ensureRejects(call, "CancelledError", name);
    ensure(error.cause === REASON, `${name}: the cause is ${String(error.cause)}, not the reason of the signal`);
  }
}
