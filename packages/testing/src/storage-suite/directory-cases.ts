import { joinPath, readFile } from "@tfsaver/storage";
import { ensure, ensureBytes, ensureEqual } from "../assertions.js";
import { names, pattern, put, type StorageCase } from "./files.js";

/** Cases for directories and file times. */
export const directoryCases: readonly StorageCase[] = [
  [
    "stat tells files from directories, and returns undefined for a missing path",
    async (storage, root) => {
      await put(storage, joinPath(root, "a"), pattern(123));
      await storage.createDirectory(joinPath(root, "d"));
      await put(storage, joinPath(root, "d/g"), pattern(1));
      const file = await storage.stat(joinPath(root, "a"));
      ensureEqual([file?.kind, file?.size], ["file", 123], "a file");
      ensureEqual((await storage.stat(joinPath(root, "d")))?.kind, "directory", "a directory");
      ensureEqual((await storage.stat(root))?.kind, "directory", "the root");
      for (const path of ["x", "x/y", "d/x", "a/x", "a/x/y"]) {
        ensureEqual(await storage.stat(joinPath(root, path)), undefined, path);
      }
    },
  ],
  [
    "stat returns times in milliseconds since 1970 that never decrease",
    async (storage, root) => {
      await put(storage, joinPath(root, "a"), pattern(1));
      await put(storage, joinPath(root, "b"), pattern(1));
      const [a, b] = [await storage.stat(joinPath(root, "a")), await storage.stat(joinPath(root, "b"))];
      ensure(a !== undefined && b !== undefined, "both files exist");
      ensure(Number.isFinite(a.modifiedMs) && a.modifiedMs >= 0, `the time is ${a.modifiedMs}`);
      ensure(b.modifiedMs >= a.modifiedMs, "the later file has the later time");
    },
  ],
  [
    "list returns the names in a directory, not those in its subdirectories or siblings",
    async (storage, root) => {
      ensureEqual(await names(storage, root), [], "an empty directory");
      for (const directory of ["d", "d/e", "dd"]) await storage.createDirectory(joinPath(root, directory));
      for (const file of ["a", "d/b", "d/e/c", "dd/x"]) await put(storage, joinPath(root, file), pattern(1));
      ensureEqual(await names(storage, root), ["a", "d/", "dd/"], "the root");
      ensureEqual(await names(storage, joinPath(root, "d")), ["b", "e/"], "a directory");
      ensureEqual(await names(storage, `${joinPath(root, "d")}/`), ["b", "e/"], "a directory with a trailing /");
      ensureEqual(await names(storage, joinPath(root, "d/e")), ["c"], "a directory two levels below");
    },
  ],
  [
    "list with a beginning returns all names that begin so",
    async (storage, root) => {
      await storage.createDirectory(joinPath(root, "ab"));
      for (const file of ["a", "aa", "ab/a", "b", "ba"]) await put(storage, joinPath(root, file), pattern(1));
      for (const [startsWith, expected] of [
        ["a", ["a", "aa", "ab"]],
        ["ab", ["ab"]],
        ["x", []],
        ["", ["a", "aa", "ab", "b", "ba"]],
      ] as const) {
        const found = (await storage.list(root, { startsWith })).map(({ name }) => name);
        ensureEqual(
          found.filter((name) => name.startsWith(startsWith)).sort(),
          expected,
          `names that begin with ${startsWith}`,
        );
      }
    },
  ],
  [
    "creating an existing directory changes nothing",
    async (storage, root) => {
      const path = joinPath(root, "d");
      await storage.createDirectory(path);
      await put(storage, joinPath(path, "a"), pattern(5));
      await storage.createDirectory(path);
      ensureBytes(await readFile(storage, joinPath(path, "a")), pattern(5), "a file in it");
    },
  ],
  [
    "an empty directory can be removed and created again",
    async (storage, root) => {
      if (storage.capabilities.directories === false) return;
      const path = joinPath(root, "d");
      await storage.createDirectory(path);
      await put(storage, joinPath(path, "a"), pattern(5));
      await storage.remove(joinPath(path, "a"));
      ensureEqual((await storage.stat(path))?.kind, "directory", "a directory whose last file was removed");
      await storage.removeDirectory(path);
      ensureEqual(await storage.stat(path), undefined, "stat of the removed directory");
      ensureEqual(await names(storage, root), [], "names left");
      await storage.createDirectory(path);
      ensureEqual(await names(storage, path), [], "names in the new directory");
    },
  ],
  [
    "where directories are only names, one is there as long as a file in it is",
    async (storage, root) => {
      if (storage.capabilities.directories !== false) return;
      const path = joinPath(root, "d/e");
      await put(storage, joinPath(path, "a"), pattern(5));
      ensureEqual((await storage.stat(joinPath(root, "d")))?.kind, "directory", "a directory that nobody created");
      ensureEqual(await names(storage, joinPath(root, "d")), ["e/"], "names in it");
      await storage.remove(joinPath(path, "a"));
      ensureEqual(await storage.stat(path), undefined, "a directory whose last file was removed");
      await storage.createDirectory(path);
      await storage.removeDirectory(path);
      ensureEqual(await names(storage, root), [], "names left");
    },
  ],
  [
    "doubled slashes and . are ignored",
    async (storage, root) => {
      await storage.createDirectory(joinPath(root, "d"));
      await put(storage, joinPath(root, "d/a"), pattern(5));
      for (const path of ["d//a", "./d/a", "d/./a"]) {
        ensureBytes(await readFile(storage, joinPath(root, path)), pattern(5), path);
      }
    },
  ],
];
