import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools/printing";
import { useApp } from "../app/context.js";

/** Counts what was read so far. */
export function CostBadge() {
  const { requests, bytes } = useApp().cost.value;
  return (
    <span class="badge number" title="Read so far">
      {formatCount(requests, "request")}, {formatBytes(bytes)}
    </span>
  );
}
