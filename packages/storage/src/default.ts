import { ValueError } from "@tfsaver/core";
import type { Storage } from "./storage.js";

/**
 * Returns the storage that is used if none is passed: the local file system under Node.js.
 *
 * @throws `ValueError` outside Node.js, where a storage must be passed.
 */
export function defaultStorage(): Storage {
  throw new ValueError("There is no default storage outside Node.js: pass a `storage`");
}

/** Returns the directory that relative paths start in: the root, because only Node.js has a working directory. */
export function workingDirectory(): string {
  return "/";
}
