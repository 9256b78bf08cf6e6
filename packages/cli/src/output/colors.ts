import picocolors from "picocolors";
import type { Output } from "./output.js";

/** Returns styles for a terminal. `FORCE_COLOR` also colors other output; `NO_COLOR` leaves all text unchanged. */
export function colors(output: Output) {
  return picocolors.createColors(isColored(output));
}

function isColored({ isTerminal }: Output): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return isTerminal && TERM !== "dumb";
}
