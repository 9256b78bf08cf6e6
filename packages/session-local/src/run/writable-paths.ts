import { PermissionDeniedError } from "@tfsaver/core";
import type { RunOptions } from "@tfsaver/graph";

/** Separators of path parts. A backslash counts everywhere, because it is one on Windows. */
const SEPARATOR = /[\\/]/;

/** @throws `PermissionDeniedError` if a run is confined and must not write or remove the file. */
export function requireWritable(path: string, confine: RunOptions["confine"]): void {
  if (confine === undefined) return;
  const { writes } = confine;
  const isNamed = writes !== undefined && path.startsWith(writes);
  if (isNamed && !path.slice(writes.length).split(SEPARATOR).includes("..")) return;
  throw new PermissionDeniedError(
    `The graph would write ${JSON.stringify(path)}, but ` +
      (writes === undefined ? "restoring writes no files" : `this save writes only paths that begin with ${writes}`),
    { path },
  );
}
