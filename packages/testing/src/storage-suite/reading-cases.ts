import { closing, createDirectories, dirname, joinPath, readFile } from "@tfsaver/storage";
import { ensureBytes, ensureFails } from "../assertions.js";
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
    "an open file keeps its content when another file is renamed over it, or can't be read any more",
    async (storage, root) => {
      const path = joinPath(root, "a");
      for (const length of [100, 300_000]) {
        await put(storage, path, pattern(length, 1));
        await put(storage, joinPath(root, "b"), pattern(50, 2));
        const file = await storage.open(path);
        await closing(file, async () => {
          await storage.rename(joinPath(root, "b"), path);
          if (!storage.capabilities.atomicRename) return;
          const target = new Uint8Array(length);
          const failure = await file.readInto(0, [target]).catch((error: unknown) => error);
          if (failure === undefined) ensureBytes(target, pattern(length, 1), "content of the open file");
          else await ensureFails(() => Promise.reject(failure), "AbortedError", path, "reading the open file");
        });
        ensureBytes(await readFile(storage, path), pattern(50, 2), "content when opened again");
      }
    },
  ],
];
