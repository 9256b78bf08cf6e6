import { readFileSync, writeFileSync } from "node:fs";
import type { Measured } from "../side.js";

/** Measures the time and the peak memory of `action`. */
export async function measure(action: () => unknown): Promise<Measured> {
  const before = resetPeak();
  const start = performance.now();
  await action();
  const seconds = (performance.now() - start) / 1000;
  return { seconds, extraBytes: statusOf("VmHWM") - before };
}

/** Resets the peak memory of this process, and returns its resident memory in bytes. */
function resetPeak(): number {
  writeFileSync("/proc/self/clear_refs", "5");
  return statusOf("VmRSS");
}

function statusOf(key: string): number {
  const [, kilobytes] = new RegExp(`${key}:\\s*(\\d+) kB`).exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
