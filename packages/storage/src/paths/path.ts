import { withSlashes } from "./with-slashes.js";

/*
 * Names are separated by `/`. On Windows, where programs write `\` as well, these functions take both, and return `/`.
 */

/** Returns the part of a path before its last `/`: `""` if there is none, and `/` for `/a`. */
export function dirname(path: string): string {
  const text = withSlashes(path);
  const slash = text.lastIndexOf("/");
  if (slash < 0) return "";
  return withoutTrailingSlashes(text.slice(0, slash + 1));
}

/** Returns a path without the `/` at its end; a path of nothing else as it is. */
export function withoutTrailingSlashes(path: string): string {
  return path.replace(/(?<=[^/])\/+$/, "");
}

/** Yields the directories above a normalized path, outermost first, without the root. */
export function* directoriesAbove(path: string): Generator<string, void, undefined> {
  for (let end = path.indexOf("/", 1); end >= 0; end = path.indexOf("/", end + 1)) yield path.slice(0, end);
}

/** Returns the part of a path after its last `/`. */
export function basename(path: string): string {
  return withSlashes(path).split("/").at(-1) as string;
}

/** Joins a directory and a path. An absolute path is returned as it is; an empty directory adds nothing. */
export function joinPath(directory: string, path: string): string {
  const start = withSlashes(directory);
  const rest = withSlashes(path);
  if (isAbsolutePath(rest) || start === "") return rest;
  return start.endsWith("/") ? start + rest : `${start}/${rest}`;
}

/** True if a path starts at the root of its storage. */
export function isAbsolutePath(path: string): boolean {
  return /^(\/|[a-z]:[\\/]|[a-z][a-z0-9+.-]*:\/\/)/i.test(withSlashes(path));
}

/**
 * Resolves `.`, `..` and doubled `/` in a path, as text (Python's `os.path.normpath`). A scheme, as in `s3://bucket/run`, stays as
 * it is.
 */
export function normalizePath(path: string): string {
  const text = withSlashes(path);
  const scheme = /^[a-z][a-z0-9+.-]+:\/\//i.exec(text)?.[0] ?? "";
  return scheme + normalizeParts(text.slice(scheme.length));
}

function normalizeParts(path: string): string {
  const absolute = path.startsWith("/");
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== ".." || !absolute) parts.push(part);
  }
  return (absolute ? "/" : "") + parts.join("/") || ".";
}

/**
 * Returns the relative path from the directory `from` to `path`, as text (Python's `os.path.relpath`). Both must be
 * absolute, or relative to the same directory.
 */
export function relativePath(path: string, from: string): string {
  const target = normalizePath(path).split("/").filter(isStep);
  const start = normalizePath(from === "" ? "." : from)
    .split("/")
    .filter(isStep);
  let common = 0;
  while (common < target.length && common < start.length && target[common] === start[common]) common++;
  const up = start.slice(common).map(() => "..");
  return [...up, ...target.slice(common)].join("/") || ".";
}

function isStep(part: string): boolean {
  return part !== "" && part !== ".";
}
