import type { Storage } from "../storage.js";
import { NodeStorage } from "./node-storage.js";

const localFileSystem = new NodeStorage();

/** The storage that is used where none is given: the local file system, flushing what it writes. */
export function defaultStorage(): Storage {
  return localFileSystem;
}

/** Where relative paths start: the process's working directory, with `/` between its parts. */
export function workingDirectory(): string {
  return process.cwd().replaceAll("\\", "/");
}
