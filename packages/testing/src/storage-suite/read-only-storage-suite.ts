import { isCheckpointError } from "@tfsaver/core";
import { joinPath, type Storage } from "@tfsaver/storage";
import { ensure, ensureBytes, ensureEqual, ensureFails } from "../assertions.js";
import type { SuiteCase } from "../suite-case.js";
import { type GivenFilesCase, names, pattern } from "./files.js";
import { givenFilesCases } from "./given-files-cases.js";
import { readSignalCases } from "./signal-cases.js";
import { type StorageUnderTest, withStorage } from "./storage-under-test.js";

/** Cases for read-only storages alone. */
const readOnlyCases: readonly GivenFilesCase[] = [
  {
    name: "operations that would change something fail with an UnimplementedError, and change nothing",
    files: { a: pattern(10), "d/b": pattern(5) },
    check: async (storage, root) => {
      const changes: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
        create: (path) => storage.create(path),
        rename: (path) => storage.rename(path, joinPath(root, "c")),
        remove: (path) => storage.remove(path),
        createDirectory: (path) => storage.createDirectory(path),
        removeDirectory: (path) => storage.removeDirectory(path),
      };
      for (const [name, change] of Object.entries(changes)) {
        for (const path of [joinPath(root, "a"), joinPath(root, "d"), joinPath(root, "new")]) {
          await ensureFails(() => change(path), "UnimplementedError", path, `${name} ${path}`);
        }
      }
      await storage.syncDirectory(root);
      ensureEqual(await storage.stat(joinPath(root, "new")), undefined, "stat of a file that was not created");
      const file = await storage.open(joinPath(root, "a"));
      const target = new Uint8Array(10);
      await file.readInto(0, [target]);
      await file.close();
      ensureBytes(target, pattern(10), "content");
    },
  },
  {
    name: "list lists a directory, or fails with an UnimplementedError",
    files: { a: pattern(1), "d/b": pattern(1), "d/e/c": pattern(1), "dd/x": pattern(1) },
    check: async (storage, root) => {
      if (!(await canList(storage, root))) return;
      ensureEqual(await names(storage, root), ["a", "d/", "dd/"], "the root");
      ensureEqual(await names(storage, joinPath(root, "d")), ["b", "e/"], "a directory");
      ensureEqual((await storage.stat(joinPath(root, "d")))?.kind, "directory", "kind of a directory");
      const [directory, nothing] = [joinPath(root, "d"), joinPath(root, "x")];
      await ensureFails(() => storage.open(directory), "FailedPreconditionError", directory, "open of a directory");
      await ensureFails(() => storage.list(nothing), "NotFoundError", nothing, "list of nothing");
    },
  },
];

async function canList(storage: Storage, root: string): Promise<boolean> {
  try {
    await storage.list(root);
    return true;
  } catch (error) {
    ensure(
      isCheckpointError(error, "UnimplementedError"),
      `list failed with another error than UnimplementedError: ${String(error)}`,
    );
    return false;
  }
}

/**
 * Tests the contract of {@link Storage} for storages that are only read.
 *
 * @param create - makes a storage that has these files, by their paths below `root`; called once for each case
 *
 * @example
 * ```ts
 * import { BlobStorage } from "@tfsaver/storage/blob";
 * import { readOnlyStorageSuite } from "@tfsaver/testing";
 * import { it } from "vitest";
 *
 * const suite = readOnlyStorageSuite(async (files) => {
 *   const blobs = Object.entries(files).map(([path, bytes]) => [path, new Blob([bytes.slice()])] as const);
 *   return { storage: new BlobStorage(new Map(blobs)), root: "/" };
 * });
 * for (const { name, run } of suite) it(name, run);
 * ```
 */
export function readOnlyStorageSuite(
  create: (files: Readonly<Record<string, Uint8Array>>) => Promise<StorageUnderTest>,
): SuiteCase[] {
  return [...givenFilesCases, ...readOnlyCases, ...readSignalCases].map(({ name, files, check }) =>
    withStorage(name, check, () => create(files)),
  );
}
