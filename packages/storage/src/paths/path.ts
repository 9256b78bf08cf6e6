/** Returns the part of a path before its last `/`: `""` if there is none, and `/` for `/a`. */
export function dirname(path: string): string {
  const slash = path.lastIndexOf("/");
  if (slash < 0) return "";
  return withoutTrailingSlashes(path.slice(0, slash + 1));
}

/** Returns a path without the `/` at its end; a path of nothing else as it is. */
export function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === "/") end--;
  return end === 0 ? path : path.slice(0, end);
}

/** Yields the directories above a normalized path, outermost first, without the root. */
export function* directoriesAbove(path: string): Generator<string, void, undefined> {
  for (let end = path.indexOf("/", 1); end >= 0; end = path.indexOf("/", end + 1)) yield path.slice(0, end);
}

/** Returns the part of a path after its last `/`. */
export function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Joins a directory and a path. An absolute path is returned as it is; an empty directory adds nothing. */
export function joinPath(directory: string, path: string): string {
  if (isAbsolutePath(path) || directory === "") return path;
  return directory.endsWith("/") ? directory + path : `${directory}/${path}`;
}

/** True if a path starts at the root of its storage. */
export function isAbsolutePath(path: string): boolean {
  return path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path) || /^[a-z][a-z0-9+.-]*:\/\//i.test(path);
}

/**
 * Resolves `.`, `..` and doubled `/` in a path, as text (Python's `os.path.normpath`). A scheme, as in `s3://bucket/run`, stays as
 * it is.
 */
export function normalizePath(path: string): string {
  const scheme = /^[a-z][a-z0-9+.-]+:\/\//i.exec(path)?.[0] ?? "";
  return scheme + normalizeParts(path.slice(scheme.length));
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
