import { createDirectories, joinPath, type Storage } from "@tfsaver/storage";
import type { StorageUnderTest } from "@tfsaver/testing";
import { OpfsStorage } from "../src/index.js";

/** Makes an empty folder of a name that no other test has, and removes it afterwards. */
export async function freshFolder(): Promise<StorageUnderTest> {
  const storage = new OpfsStorage();
  const root = `/test-${crypto.randomUUID()}`;
  await createDirectories(storage, root);
  return { storage, root, cleanup: () => removeAll(storage, root) };
}

/** Removes a folder with all that is in it. */
async function removeAll(storage: Storage, folder: string): Promise<void> {
  for (const { name, kind } of await storage.list(folder)) {
    const path = joinPath(folder, name);
    await (kind === "directory" ? removeAll(storage, path) : storage.remove(path));
  }
  await storage.removeDirectory(folder);
}
