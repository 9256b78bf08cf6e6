import { InvalidArgumentError, UnimplementedError } from "@tfsaver/core";
import { normalizePath } from "@tfsaver/storage";

const SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;

/** Chromium writes what goes to `a` into `a.crswap`, beside it, until the file is closed. */
const BROWSER_SUFFIX = ".crswap";

/** A path in parts. */
export interface PathParts {
  /** The directories above, from the root on. */
  readonly parents: readonly string[];
  /** The last part; undefined for the root. */
  readonly name: string | undefined;
  /** True if the path ends in `/`, so that it can only be a directory. */
  readonly isDirectory: boolean;
}

/**
 * Takes a path apart.
 *
 * @throws `UnimplementedError` for a path with a scheme; `InvalidArgumentError` for a name that belongs to the browser.
 */
export function partsOf(path: string): PathParts {
  const scheme = SCHEME.exec(path)?.[1];
  if (scheme !== undefined) {
    throw new UnimplementedError(
      `${path}: File system scheme '${scheme}' not implemented. OpfsStorage has paths without a scheme alone: pass a ` +
        `\`storage\` for ${scheme}://`,
      { path },
    );
  }
  const parts = canonicalPath(path).split("/").slice(1);
  if (parts.some(isBrowsersOwn)) {
    throw new InvalidArgumentError(
      `${path}: names that end in ${BROWSER_SUFFIX} belong to the browser. Use another one.`,
      {
        path,
      },
    );
  }
  const name = parts.pop() || undefined;
  return { parents: parts, name, isDirectory: name !== undefined && path.endsWith("/") };
}

/** Returns the absolute path without `.`, `..` and doubled `/`. */
export function canonicalPath(path: string): string {
  return normalizePath(`/${path}`);
}

/** True for the name of a file in which the browser keeps what is written to another one. */
export function isBrowsersOwn(name: string): boolean {
  return name.endsWith(BROWSER_SUFFIX);
}
