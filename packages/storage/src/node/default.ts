import { hostname } from "node:os";
import { threadId } from "node:worker_threads";
import type { Storage } from "../storage.js";
import { NodeStorage } from "./node-storage.js";

const localFileSystem = new NodeStorage();

/** The storage that is used where none is given: the local file system, flushing what it writes. */
export function defaultStorage(): Storage {
  return localFileSystem;
}

/** What this thread of this process is called in a file that others read. */
export function thisProcess(): string {
  return `${hostname()}/${process.pid}/${threadId}`;
}

/** Whether a process that {@link thisProcess} gave the name of is known to have ended; of other machines nobody knows. */
export function hasEnded(name: string): boolean {
  const [host, pid] = name.split("/");
  if (host !== hostname() || !/^[1-9]\d{0,9}$/.test(pid ?? "")) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Where relative paths start: the process's working directory, with `/` between its parts. */
export function workingDirectory(): string {
  return process.cwd().replaceAll("\\", "/");
}
