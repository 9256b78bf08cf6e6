import { readlinkSync } from "node:fs";
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
  return `${machine()}/${process.pid}/${threadId}`;
}

/** Where numbers of processes mean the same: containers may share the name of a machine, but not its processes. */
function machine(): string {
  try {
    return `${hostname()}:${/\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0]}`;
  } catch {
    return hostname();
  }
}

/**
 * Whether a process that {@link thisProcess} gave the name of has ended, as far as its number tells; `undefined` for those
 * of other machines, of which nobody knows.
 */
export function hasEnded(name: string): boolean | undefined {
  const [host, pid] = name.split("/");
  if (host !== machine() || !/^[1-9]\d{0,9}$/.test(pid ?? "")) return undefined;
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
