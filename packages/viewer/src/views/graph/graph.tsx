import type { ViewProps } from "../view.js";

/** Shows what is in the `.meta` of a checkpoint. */
export function View(_: ViewProps) {
  return <section class="page">Graph</section>;
}
