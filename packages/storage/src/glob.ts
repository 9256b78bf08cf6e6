import { isCheckpointError } from "@tfsaver/core";
import { isPattern, partMatcher } from "./glob-pattern.js";
import { joinPath } from "./path.js";
import type { Storage } from "./storage.js";

/**
 * Finds the paths that match a pattern, sorted, as TensorFlow's `tf.io.gfile.glob` does, but without the `./` that
 * TensorFlow puts before a path of one part. `*` and `?` match within one part of a path, `[…]` is a set, and `\`
 * escapes the next character. Directories match too. Returns an empty list if nothing matches, or a directory is
 * missing.
 *
 * A file whose name equals the pattern always matches, so that a prefix that contains `[` is found. (TensorFlow misses
 * it.)
 *
 * @example
 * ```ts
 * import { escapeGlob, glob, MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
 *
 * const storage = new MemoryStorage();
 * await writeFileAtomically(storage, "/m[1].index", new Uint8Array());
 * console.log(await glob(storage, `/${escapeGlob("m[1]")}*`)); // [ "/m[1].index" ]
 * ```
 */
export async function glob(storage: Storage, pattern: string): Promise<string[]> {
  const matches = new Set<string>();
  if (pattern === "") return [];
  if ((await storage.stat(pattern)) !== undefined) matches.add(pattern);
  if (isPattern(pattern)) {
    const parts = pattern.split("/");
    const start = parts[0] === "" ? "/" : "";
    let found: string[] = [start];
    for (const [index, part] of parts.entries()) {
      if (part === "" && index === 0) continue;
      found = await step(storage, found, part, index === parts.length - 1);
    }
    for (const path of found) matches.add(path);
  }
  return [...matches].sort();
}

async function step(storage: Storage, directories: readonly string[], part: string, last: boolean): Promise<string[]> {
  if (!isPattern(part)) {
    const paths = directories.map((directory) => joinPath(directory, part));
    if (!last) return paths;
    const stats = await Promise.all(paths.map((path) => storage.stat(path)));
    return paths.filter((_, i) => stats[i] !== undefined);
  }
  const matcher = partMatcher(part);
  const found: string[] = [];
  for (const directory of directories) {
    for (const entry of await listOrNothing(storage, directory === "" ? "." : directory)) {
      if (matcher.test(entry.name)) found.push(joinPath(directory, entry.name));
    }
  }
  return found;
}

async function listOrNothing(storage: Storage, directory: string) {
  try {
    return await storage.list(directory);
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError", "FailedPreconditionError")) return [];
    throw error;
  }
}
