import type { Storage } from "../storage.js";
import { normalizePath } from "./path.js";

/**
 * Returns one path for all spellings of a path (`d/m`, `d/./m`, `d//m`, `d/../d/m`), so that paths can be compared. Asks
 * {@link Storage.canonical}, which also knows links, the working directory, and whether case matters; without it, only the
 * text is normalized. The path need not exist.
 *
 * @throws the storage's errors.
 *
 * @example
 * ```ts
 * import { canonicalPath, MemoryStorage } from "@tfsaver/storage";
 *
 * console.log(await canonicalPath(new MemoryStorage(), "/run/./model")); // /run/model
 * ```
 */
export async function canonicalPath(storage: Storage, path: string): Promise<string> {
  return storage.canonical === undefined ? normalizePath(path) : storage.canonical(path);
}
