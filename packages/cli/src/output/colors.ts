import picocolors from "picocolors";
import type { Output } from "./output.js";

/** Returns styles for a terminal. Without a terminal, or with `NO_COLOR` set, they leave text unchanged. */
export function colors(output: Output) {
  return picocolors.createColors(output.isTerminal && !process.env.NO_COLOR && process.env.TERM !== "dumb");
}
