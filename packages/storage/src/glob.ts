import { isCheckpointError } from "@tfsaver/core";
import { isPattern, partMatcher } from "./glob-pattern.js";
import { joinPath } from "./path.js";
import type { Storage } from "./storage.js";

/**
 * Paths that match a pattern, sorted: what TensorFlow's `tf.io.gfile.glob` gives, but without the `./` that it puts
 * before a path of one part. `*` and `?` match within one part of the path, `[…]` is a set, `\` takes the next character
 * as it is. Directories match too. No match gives an empty list, also where a directory on the way is missing.
 *
 * A file whose name is the pattern itself, letter for letter, always matches, so that a prefix with a `[` in it is
 * found (TensorFlow's own matching loses it).
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
