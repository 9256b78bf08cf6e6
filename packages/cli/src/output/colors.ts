import picocolors from "picocolors";
import type { Output } from "./output.js";

/** Styles for a terminal; elsewhere, and where the user has asked for none (`NO_COLOR`), text stays as it is. */
export function colors(output: Output) {
  return picocolors.createColors(output.isTerminal && !process.env.NO_COLOR && process.env.TERM !== "dumb");
}
