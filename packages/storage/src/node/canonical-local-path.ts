import { lstat, opendir, realpath, stat } from "node:fs/promises";
import { isAbsolute, parse, resolve } from "node:path";
import { joinPath, normalizePath } from "../paths/path.js";
import { codeOf } from "./system-error.js";

/** System error codes for a name that leads to no folder. */
const NO_FOLDER: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP"]);

/** Number of names to look at: nearly all names have a letter. */
const MAX_NAMES = 32;

/** A folder without links in its path. */
interface Folder {
  readonly path: string;
  readonly ignoresCase: boolean;
}

/**
 * Returns one absolute path, with `/` between its parts, for all spellings of a path: relative ones, with `.` and `..`,
 * through links of folders, and in another case where the folder ignores case. Links are followed as far as there are
 * folders; the rest of the path is text.
 */
export async function canonicalLocalPath(path: string): Promise<string> {
  const absolute = absoluteSpelling(path);
  const root = process.platform === "win32" ? parse(absolute).root.toUpperCase() : "/";
  let folder: Folder = { path: root, ignoresCase: process.platform === "win32" };
  const parts = absolute.slice(root.length).split("/");
  for (const [index, part] of parts.entries()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      // The folder has no links in its path, so its parent is the one that the system would take.
      folder = { ...folder, path: normalizePath(joinPath(folder.path, "..")) };
      continue;
    }
    const child = joinPath(folder.path, part);
    const target = await linkTarget(child);
    if (target === undefined) return withRest(folder, parts.slice(index));
    const rest = parts.slice(index + 1);
    if (target !== child) return canonicalLocalPath([target, ...rest].join("/"));
    const ignoresCase = (await sameInOtherCase(folder.path, part)) ?? folder.ignoresCase;
    folder = { path: joinPath(folder.path, ignoresCase ? part.toLowerCase() : part), ignoresCase };
  }
  return folder.path;
}

/** Makes a path absolute. Keeps `..` where the system follows links before it takes the parent. */
function absoluteSpelling(path: string): string {
  if (process.platform === "win32") return withSlashes(resolve(path));
  return isAbsolute(path) ? path : `${process.cwd()}/${path}`;
}

/** Returns the folder that a path leads to: itself unless it is a link. Undefined if it leads to no folder. */
async function linkTarget(path: string): Promise<string | undefined> {
  try {
    const info = await lstat(path);
    if (info.isDirectory()) return path;
    if (!info.isSymbolicLink() || !(await stat(path)).isDirectory()) return undefined;
    return withSlashes(await realpath(path));
  } catch (error) {
    if (NO_FOLDER.has(codeOf(error))) return undefined;
    throw error;
  }
}

function withSlashes(path: string): string {
  return process.platform === "win32" ? path.replaceAll("\\", "/") : path;
}

/** Adds names that are no folders to a folder. */
async function withRest(folder: Folder, rest: readonly string[]): Promise<string> {
  if (rest.includes("..")) return canonicalLocalPath(normalizePath(`${folder.path}/${rest.join("/")}`));
  const names = normalizePath(rest.join("/"));
  const ignoresCase = (await ignoresCaseInside(folder.path)) ?? folder.ignoresCase;
  return joinPath(folder.path, ignoresCase ? names.toLowerCase() : names);
}

/** Tells if a folder ignores case, by a name in it that has a letter. Undefined if none is among the first names. */
async function ignoresCaseInside(folder: string): Promise<boolean | undefined> {
  let looked = 0;
  try {
    for await (const { name } of await opendir(folder)) {
      const same = await sameInOtherCase(folder, name);
      if (same !== undefined) return same;
      if (++looked === MAX_NAMES) break;
    }
  } catch (error) {
    // A folder may let files be opened, but not listed.
    if (codeOf(error) !== "EACCES") throw error;
  }
  return undefined;
}

/** Tells if a name in a folder leads to the same file in another case. Undefined if it has no letter, or no file. */
async function sameInOtherCase(folder: string, name: string): Promise<boolean | undefined> {
  const other = name.replace(/[a-z]/gi, (letter) => {
    const lower = letter.toLowerCase();
    return letter === lower ? letter.toUpperCase() : lower;
  });
  if (other === name) return undefined;
  const [one, two] = await Promise.all([name, other].map((each) => lstatOrNothing(joinPath(folder, each))));
  if (one === undefined) return undefined;
  return one.ino === two?.ino && one.dev === two.dev;
}

async function lstatOrNothing(path: string) {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (NO_FOLDER.has(codeOf(error))) return undefined;
    throw error;
  }
}
