import { AbortedError } from "@tfsaver/core";
import type { Answer } from "./http-client.js";

/** Identifies a version of a file, as far as the server reports it. */
export interface Version {
  readonly size: number | undefined;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** Returns the version of the file that an answer is about. */
export function versionOf({ response: { headers }, total }: Answer): Version {
  return { size: total, etag: headers.get("ETag"), lastModified: headers.get("Last-Modified") };
}

/** @throws `AbortedError` if the versions differ: their parts must not be mixed. */
export function requireSameVersion(path: string, opened: Version, now: Version): void {
  const names = ["size", "etag", "lastModified"] as const;
  const changed = names.find((name) => (opened[name] ?? now[name]) !== (now[name] ?? opened[name]));
  if (changed === undefined) return;
  throw new AbortedError(
    `${path} changed while it was being read (${changed} was ${opened[changed]}, is ${now[changed]}). Open it again`,
    { path },
  );
}
