import { formatBytes } from "@tfsaver/checkpoint-tools/printing";
import type { Progress } from "@tfsaver/core";
import type { Context } from "../context.js";
import type { Output } from "./output.js";

/** Time in milliseconds before the bar appears. */
const PATIENCE_MS = 500;
const INTERVAL_MS = 100;
/** Width of the bar, and of the longest text beside it. A line that a narrow terminal wraps could not be cleared. */
const [BAR_WIDTH, TEXT_WIDTH] = [24, 26];
const CLEAR_LINE = "\r\u001b[K";

/** A progress bar on the last line of a terminal. */
export interface ProgressBar {
  readonly update: (progress: Progress) => void;
  /** Removes the bar until the next update, so that other lines can be printed. */
  readonly clear: () => void;
}

/** Runs `work`, and shows a progress bar if it is slow and standard error is a terminal. */
export async function withProgress<T>(
  label: string,
  { stderr }: Context,
  work: (progress: ProgressBar) => Promise<T>,
): Promise<T> {
  const bar = stderr.isTerminal ? terminalBar(label, stderr) : { update: () => undefined, clear: () => undefined };
  try {
    return await work(bar);
  } finally {
    bar.clear();
  }
}

function terminalBar(label: string, stderr: Output): ProgressBar {
  const write = (text: string) => void stderr.write(text).catch(() => undefined);
  let next = performance.now() + PATIENCE_MS;
  let shown = false;
  return {
    update({ done, total }) {
      const now = performance.now();
      if (now < next) return;
      next = now + INTERVAL_MS;
      shown = true;
      const share = total === 0 ? 1 : done / total;
      const width = Math.max(0, Math.min(BAR_WIDTH, (stderr.columns ?? 80) - TEXT_WIDTH));
      const filled = Math.round(share * width);
      const bar = "█".repeat(filled) + "░".repeat(width - filled);
      write(`${CLEAR_LINE}${label} ${bar} ${Math.floor(share * 100)}% of ${formatBytes(total)}`);
    },
    clear() {
      if (shown) write(CLEAR_LINE);
      shown = false;
    },
  };
}
