import { readFileSync, writeFileSync } from "node:fs";
import type { Measured } from "../side.js";

/** Times `action`, and looks how much memory it takes. */
export async function measure(action: () => unknown): Promise<Measured> {
  const before = resetPeak();
  const start = performance.now();
  await action();
  const seconds = (performance.now() - start) / 1000;
  return { seconds, extraBytes: statusOf("VmHWM") - before };
}

/** Has the system count the peak of this process anew, and gives what is resident now. */
function resetPeak(): number {
  writeFileSync("/proc/self/clear_refs", "5");
  return statusOf("VmRSS");
}

function statusOf(key: string): number {
  const [, kilobytes] = new RegExp(`${key}:\\s*(\\d+) kB`).exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
