import { Buffer, kMaxLength } from "node:buffer";
import { readFileSync, readlinkSync } from "node:fs";
import { constants, hostname } from "node:os";
import { threadId } from "node:worker_threads";
import type { StopSignal } from "../host.js";

export type { StopSignal };

/**
 * Names this thread of this process, in files that other processes read: `machine/process/thread`. On Linux the machine
 * includes the boot, and the process its start time, because process ids are used again.
 */
export function thisProcess(): string {
  return `${machine()}/${processName(process.pid)}/${threadId}`;
}

/**
 * Tells if a process has ended.
 *
 * @param name - as {@link thisProcess} returned it
 * @returns `undefined` if the process is not of this machine, or of an earlier boot of it.
 */
export function hasEnded(name: string): boolean | undefined {
  const [host, owner = ""] = name.split("/");
  const [id = "", started] = owner.split(":");
  if (host !== machine() || !/^[1-9]\d{0,9}$/.test(id)) return undefined;
  const status = statusOf(Number(id));
  if (status !== undefined) return status.isDead || (started !== undefined && started !== status.started);
  try {
    process.kill(Number(id), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/**
 * Calls a function for each signal that the process receives, in place of ending.
 *
 * @returns a function that ends this
 * @throws `TypeError` for a name that is no signal of this system.
 */
export function watchSignals(
  signals: readonly StopSignal[],
  onSignal: (signal: StopSignal) => void,
): (() => void) | undefined {
  const unknown = signals.find((signal) => constants.signals[signal] === undefined);
  if (unknown !== undefined) throw new TypeError(`'${unknown}' is not a signal of this system`);
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

/** Ends the process with the exit code of a process that the signal ended: 128 and its number. */
export function endProcess(signal: StopSignal): void {
  process.exit(128 + constants.signals[signal]);
}

/** Names the machine and, on Linux, its boot and the PID namespace: containers may share a host name, but not their process ids. */
function machine(): string {
  const namespace = /\d+/.exec(readOr(() => readlinkSync("/proc/self/ns/pid")))?.[0];
  const boot = readOr(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")).slice(0, 8);
  return namespace === undefined ? hostname() : `${hostname()}:${namespace}:${boot}`;
}

function processName(id: number): string {
  const status = statusOf(id);
  return status === undefined ? String(id) : `${id}:${status.started}`;
}

interface ProcessStatus {
  /** True for a zombie: it has ended, but its parent has not asked for its result yet. */
  readonly isDead: boolean;
  /** Time of the start, in clock ticks since the boot. */
  readonly started: string;
}

/** Reads the status of a process on Linux; undefined elsewhere, and if there is no such process. */
function statusOf(id: number): ProcessStatus | undefined {
  const text = readOr(() => readFileSync(`/proc/${id}/stat`, "utf8"));
  // The name of the program, in parentheses, may hold anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state = "", started] = [fields[0], fields[19]];
  return started === undefined ? undefined : { isDead: state === "Z" || state === "X", started };
}

function readOr(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

/** Size in bytes below which filling memory with zeros takes no time. */
const SMALL = 64 << 10;

/**
 * Allocates memory with any content, so that no time is spent on filling it with zeros: fill all of it before anyone can see it.
 *
 * @throws `RangeError` if there is not enough memory.
 */
export function unfilledMemory(size: number): ArrayBuffer {
  return size < SMALL || size > kMaxLength ? new ArrayBuffer(size) : Buffer.allocUnsafeSlow(size).buffer;
}
