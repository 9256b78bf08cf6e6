import { isCheckpointError } from "@tfsaver/core";
import { joinPath } from "./path.js";
import type { Storage } from "./storage.js";

const SPECIAL = /[*?[\]\\]/;

/**
 * Paths that match a pattern, sorted: what TensorFlow's `file_io.get_matching_files` gives. `*` and `?` match within
 * one part of the path, `[…]` is a set, `\` takes the next character as it is.
 *
 * A file whose name is the pattern itself, letter for letter, always matches, so that a prefix with a `[` in it is
 * found (TensorFlow's own matching loses it).
 */
export async function glob(storage: Storage, pattern: string): Promise<string[]> {
  const matches = new Set<string>();
  if (pattern === "") return [];
  if ((await storage.stat(pattern)) !== undefined) matches.add(pattern);
  if (SPECIAL.test(pattern)) {
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
  if (!SPECIAL.test(part)) {
    const paths = directories.map((directory) => joinPath(directory, part));
    if (!last) return paths;
    const stats = await Promise.all(paths.map((path) => storage.stat(path)));
    return paths.filter((_, i) => stats[i] !== undefined);
  }
  const matcher = componentMatcher(part);
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

/** A regular expression for one part of a path. */
function componentMatcher(part: string): RegExp {
  let source = "";
  for (let i = 0; i < part.length; i++) {
    const char = part[i] as string;
    if (char === "*") source += ".*";
    else if (char === "?") source += ".";
    else if (char === "\\" && i + 1 < part.length) source += escapeRegExp(part[++i] as string);
    else if (char === "[") {
      const close = part.indexOf("]", i + 2);
      if (close < 0) source += "\\[";
      else {
        const negated = part[i + 1] === "!" || part[i + 1] === "^";
        const set = part.slice(i + (negated ? 2 : 1), close).replace(/[\\\]^]/g, "\\$&");
        source += `[${negated ? "^" : ""}${set}]`;
        i = close;
      }
    } else source += escapeRegExp(char);
  }
  return new RegExp(`^${source}$`, "su");
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

/** Takes the special meaning from every character of a path, so that it matches only itself in a glob pattern. */
export function escapeGlob(path: string): string {
  return path.replace(/[*?[\]\\]/g, "\\$&");
}
