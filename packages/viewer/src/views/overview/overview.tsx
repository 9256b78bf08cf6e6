import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools/printing";
import { NameText } from "../../ui/name-text.js";
import type { ViewProps } from "../view.js";

/** Shows what a checkpoint is: totals, format, shards. */
export function View({ catalog }: ViewProps) {
  const bytes = catalog.sizes.reduce((sum, size) => sum + size, 0);
  return (
    <section class="page">
      <h2>
        <NameText text={catalog.prefix} />
      </h2>
      <p class="number">
        {formatCount(catalog.length, "tensor")}, {formatBytes(bytes)}, {catalog.format},{" "}
        {formatCount(catalog.numShards, "data file")}
      </p>
    </section>
  );
}
