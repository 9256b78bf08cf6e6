import { readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { threadId } from "node:worker_threads";

/** Names this thread of this process, in files that other processes read. */
export function thisProcess(): string {
  return `${machine()}/${process.pid}/${threadId}`;
}

/** Names the machine and, on Linux, the PID namespace: containers may share a host name, but not their process ids. */
function machine(): string {
  try {
    return `${hostname()}:${/\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0]}`;
  } catch {
    return hostname();
  }
}

/**
 * Tells if a process has ended, by its id.
 *
 * @param name - as {@link thisProcess} returned it
 * @returns `undefined` if the process is not of this machine.
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
