import { ValueError } from "@tfsaver/core";
import type { Storage } from "./storage.js";

let page: string | undefined;

/**
 * The storage that is used where none is given.
 *
 * @throws `ValueError` outside Node.js, where there is none to choose by itself.
 */
export function defaultStorage(): Storage {
  throw new ValueError("There is no default storage here: pass a `storage`, such as a MemoryStorage");
}

/** What this page or worker is called in a file that others read. */
export function thisProcess(): string {
  page ??= `page/${crypto.getRandomValues(new BigUint64Array(1))[0]}`;
  return page;
}

/** Whether a process has ended. Here nobody knows. */
export function hasEnded(_name: string): boolean | undefined {
  return undefined;
}

/** Where relative paths start. Outside Node.js there is no such place but the root. */
export function workingDirectory(): string {
  return "/";
}
