import type { ViewProps } from "../view.js";

/** Compares two checkpoints, and shows the trend of a tensor over all of a folder. */
export function View(_: ViewProps) {
  return <section class="page">Compare</section>;
}
