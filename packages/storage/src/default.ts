import { ValueError } from "@tfsaver/core";
import type { Storage } from "./storage.js";

/**
 * The storage that is used where none is given.
 *
 * @throws `ValueError` outside Node.js, where there is none to choose by itself.
 */
export function defaultStorage(): Storage {
  throw new ValueError("There is no default storage here: pass a `storage`, such as a MemoryStorage");
}

/** Where relative paths start. Outside Node.js there is no such place but the root. */
export function workingDirectory(): string {
  return "/";
}
