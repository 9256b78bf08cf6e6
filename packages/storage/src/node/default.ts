import type { Storage } from "../storage.js";
import { NodeStorage } from "./node-storage.js";

const localFileSystem = new NodeStorage();

/** Returns the storage that is used if none is passed: the local file system, which flushes what it writes. */
export function defaultStorage(): Storage {
  return localFileSystem;
}

/** Returns the directory that relative paths start in: the process's working directory, with `/` between its parts. */
export function workingDirectory(): string {
  return process.cwd().replaceAll("\\", "/");
}
