import { AbortedError } from "@tfsaver/core";
import type { Answer } from "./http-client.js";

/** What tells one state of a file from another, as far as the server says it. */
export interface Version {
  readonly size: number | undefined;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** The state of a file that an answer is about. */
export function versionOf({ response: { headers }, total }: Answer): Version {
  return { size: total, etag: headers.get("ETag"), lastModified: headers.get("Last-Modified") };
}

/**
 * @throws `AbortedError` if both can't be the same state: parts of the one and of the other would not fit together.
 */
export function requireSameVersion(path: string, opened: Version, now: Version): void {
  const names = ["size", "etag", "lastModified"] as const;
  const changed = names.find((name) => (opened[name] ?? now[name]) !== (now[name] ?? opened[name]));
  if (changed === undefined) return;
  throw new AbortedError(
    `${path}: changed while it was read (${changed} was ${opened[changed]} and is ${now[changed]}): open it again`,
    { path },
  );
}
