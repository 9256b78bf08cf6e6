import type { ErrorKind } from "@tfsaver/core";
import { joinPath, readFile, type Storage } from "@tfsaver/storage";
import { ContractError, ensure, ensureBytes, ensureEqual, ensureFails } from "../assertions.js";
import { names, pattern, put, type StorageCase } from "./files.js";

type Calls = Readonly<Record<string, (path: string) => Promise<unknown>>>;

/** Creates a file `f`, and a directory `d` with a file in it. */
async function furnish(storage: Storage, root: string): Promise<void> {
  await put(storage, joinPath(root, "f"), pattern(5));
  await storage.createDirectory(joinPath(root, "d"));
  await put(storage, joinPath(root, "d/g"), pattern(5));
}

function pathsIn(root: string, names: readonly string[]): string[] {
  return names.map((name) => joinPath(root, name));
}

/** Names all calls that do not fail as they must, so that one run of the suite shows what is left to do. */
async function allFail(calls: Calls, kind: ErrorKind, paths: readonly string[]): Promise<void> {
  const problems: string[] = [];
  for (const path of paths) {
    for (const [name, call] of Object.entries(calls)) {
      try {
        await ensureFails(() => call(path), kind, path, `${name} ${path}`);
      } catch (error) {
        if (!(error instanceof ContractError)) throw error;
        problems.push(error.message);
      }
    }
  }
  ensure(problems.length === 0, problems.join("\n"));
}

/** Cases for failures: the kind of the error, and that nothing has changed. */
export const failureCases: readonly StorageCase[] = [
  [
    "operations on a missing path fail with a NotFoundError",
    async (storage, root) => {
      await furnish(storage, root);
      const calls: Calls = {
        open: (path) => storage.open(path),
        list: (path) => storage.list(path),
        remove: (path) => storage.remove(path),
        ...(storage.capabilities.directories !== false && {
          removeDirectory: (path: string) => storage.removeDirectory(path),
        }),
        rename: (path) => storage.rename(path, joinPath(root, "f")),
      };
      await allFail(calls, "NotFoundError", pathsIn(root, ["x", "x/y", "d/x"]));
      ensureBytes(await readFile(storage, joinPath(root, "f")), pattern(5), "target of the failed renames");
    },
  ],
  [
    "a missing parent directory is a NotFoundError, and is not created",
    async (storage, root) => {
      if (storage.capabilities.directories === false) return;
      await furnish(storage, root);
      const calls: Calls = {
        create: (path) => storage.create(path),
        createDirectory: (path) => storage.createDirectory(path),
      };
      await allFail(calls, "NotFoundError", pathsIn(root, ["x/y", "x/y/z", "d/x/y"]));
      const paths = [joinPath(root, "f"), joinPath(root, "x/y")] as const;
      await ensureFails(() => storage.rename(...paths), "NotFoundError", paths, "rename into a missing directory");
      ensureEqual(await names(storage, root), ["d/", "f"], "names");
    },
  ],
  [
    "a directory instead of a file is a FailedPreconditionError",
    async (storage, root) => {
      if (storage.capabilities.directories === false) return;
      await furnish(storage, root);
      const calls: Calls = {
        open: (path) => storage.open(path),
        create: (path) => storage.create(path),
        remove: (path) => storage.remove(path),
      };
      await allFail(calls, "FailedPreconditionError", pathsIn(root, ["d"]));
      const paths = [joinPath(root, "f"), joinPath(root, "d")] as const;
      await ensureFails(() => storage.rename(...paths), "FailedPreconditionError", paths, "rename over a directory");
      ensureEqual(await names(storage, root), ["d/", "f"], "names");
    },
  ],
  [
    "a file instead of a directory is a FailedPreconditionError",
    async (storage, root) => {
      if (storage.capabilities.directories === false) return;
      await furnish(storage, root);
      const onFile: Calls = {
        list: (path) => storage.list(path),
        createDirectory: (path) => storage.createDirectory(path),
        removeDirectory: (path) => storage.removeDirectory(path),
      };
      await allFail(onFile, "FailedPreconditionError", pathsIn(root, ["f"]));
      const below: Calls = {
        open: (path) => storage.open(path),
        create: (path) => storage.create(path),
        list: (path) => storage.list(path),
        remove: (path) => storage.remove(path),
        createDirectory: (path) => storage.createDirectory(path),
        rename: (path) => storage.rename(path, joinPath(root, "y")),
      };
      await allFail(below, "FailedPreconditionError", pathsIn(root, ["f/x", "f/x/y"]));
      await allFail({ open: below.open!, remove: below.remove! }, "FailedPreconditionError", [
        `${joinPath(root, "f")}/`,
      ]);
      ensureBytes(await readFile(storage, joinPath(root, "f")), pattern(5), "the file");
    },
  ],
  [
    "removing a directory that is not empty fails with a FailedPreconditionError",
    async (storage, root) => {
      await furnish(storage, root);
      const removal: Calls = { removeDirectory: (path) => storage.removeDirectory(path) };
      await allFail(removal, "FailedPreconditionError", pathsIn(root, ["d"]));
      ensureEqual(await names(storage, joinPath(root, "d")), ["g"], "names in it");
    },
  ],
];
