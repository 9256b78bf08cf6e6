import { closing, createDirectories, dirname, joinPath, readFile } from "@tfsaver/storage";
import { ensureBytes } from "../assertions.js";
import { pattern, put, type StorageCase } from "./files.js";
import { givenFilesCases } from "./given-files-cases.js";

/** Cases for reading. */
export const readingCases: readonly StorageCase[] = [
  ...givenFilesCases.map(
    ({ name, files, check }): StorageCase => [
      name,
      async (storage, root) => {
        for (const [file, bytes] of Object.entries(files)) {
          const path = joinPath(root, file);
          await createDirectories(storage, dirname(path));
          await put(storage, path, bytes);
        }
        await check(storage, root);
      },
    ],
  ),
  [
    "an open file keeps its content when another file is renamed over it",
    async (storage, root) => {
      const path = joinPath(root, "a");
      await put(storage, path, pattern(100, 1));
      await put(storage, joinPath(root, "b"), pattern(50, 2));
      const file = await storage.open(path);
      await closing(file, async () => {
        await storage.rename(joinPath(root, "b"), path);
        if (!storage.capabilities.atomicRename) return;
        const target = new Uint8Array(100);
        await file.readInto(0, [target]);
        ensureBytes(target, pattern(100, 1), "content of the open file");
      });
      ensureBytes(await readFile(storage, path), pattern(50, 2), "content when opened again");
    },
  ],
];
