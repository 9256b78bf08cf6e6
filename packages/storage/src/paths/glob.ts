import { isCheckpointError } from "@tfsaver/core";
import type { Storage } from "../storage.js";
import { compilePart, isPattern } from "./glob-pattern.js";

/**
 * Finds the paths that match a pattern, sorted, as TensorFlow's `tf.io.gfile.glob` does, but without the `./` that
 * TensorFlow puts before a path of one part. `*` and `?` match within one part of a path, `[…]` is a set, and `\`
 * escapes the next character. Directories match too. Returns an empty list if nothing matches, or a directory is
 * missing.
 *
 * Behind a wildcard, as in TensorFlow, every part is a name in a directory: `.` and `..` are none. So no directory is
 * listed twice.
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
  if (pattern === "") return [];
  const matches = new Set<string>();
  if ((await storage.stat(pattern)) !== undefined) matches.add(pattern);
  if (isPattern(pattern)) for (const path of await expand(storage, pattern)) matches.add(path);
  return [...matches].sort();
}

/** A function that matches names in a directory, or a path that follows the directory. */
type Step = ((name: string) => boolean) | string;

async function expand(storage: Storage, pattern: string): Promise<string[]> {
  const parts: Step[] = pattern.split("/").map(compilePart);
  const wild = parts.findIndex((part) => typeof part !== "string");
  if (wild >= 0 && parts.slice(wild).some((part, i, { length }) => isNoName(part, i === length - 1))) return [];
  let found: string[] = [""];
  for (const step of stepsOf(parts)) {
    found = typeof step === "string" ? found.map((path) => under(path, step)) : await inside(storage, found, step);
    if (found.length === 0) return [];
  }
  if (typeof parts.at(-1) !== "string") return found;
  const stats = await Promise.all(found.map((path) => storage.stat(path)));
  return found.filter((_, i) => stats[i] !== undefined);
}

/** True for parts that are no names. Nothing behind the last `/` asks for directories. */
function isNoName(part: Step, isLast: boolean): boolean {
  return part === "." || part === ".." || (part === "" && !isLast);
}

/** Joins parts without wildcards that follow each other. */
function stepsOf(parts: readonly Step[]): Step[] {
  const steps: Step[] = [];
  let names: string[] = [];
  for (const part of parts) {
    if (typeof part === "string") {
      names.push(part);
      continue;
    }
    // After an empty name, as at the root and after `file://`, the next `/` is part of the directory's path.
    if (names.length > 0) steps.push(names.join("/") + (names.at(-1) === "" ? "/" : ""));
    steps.push(part);
    names = [];
  }
  if (names.length > 0) steps.push(names.join("/"));
  return steps;
}

/** Appends a path to that of a directory. Unlike `joinPath`, knows that it is no absolute path, whatever it looks like. */
function under(directory: string, path: string): string {
  return directory === "" || directory.endsWith("/") ? directory + path : `${directory}/${path}`;
}

async function inside(
  storage: Storage,
  directories: readonly string[],
  matches: (name: string) => boolean,
): Promise<string[]> {
  const found: string[] = [];
  for (const directory of directories) {
    for (const { name } of await listOrNothing(storage, directory === "" ? "." : directory)) {
      if (matches(name)) found.push(under(directory, name));
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
