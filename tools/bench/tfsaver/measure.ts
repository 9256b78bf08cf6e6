import { readFileSync, writeFileSync } from "node:fs";
import type { Measured } from "../side.js";

/** Measures the time and the memory of `action`. */
export async function measure(action: () => unknown): Promise<Measured> {
  const before = resetPeak();
  const start = performance.now();
  await action();
  const seconds = (performance.now() - start) / 1000;
  return { seconds, extraBytes: statusOf("VmHWM") - before };
}

/** Resets the memory peak of this process, and returns the resident memory in bytes. */
function resetPeak(): number {
  writeFileSync("/proc/self/clear_refs", "5");
  return statusOf("VmRSS");
}

function statusOf(key: string): number {
  const [, kilobytes] = new RegExp(`${key}:\\s*(\\d+) kB`).exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
