import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools/printing";
import { useApp } from "../app/context.js";

/** Counts what was read so far. */
export function CostBadge() {
  const { reads, bytes, areRequests } = useApp().cost.value;
  return (
    <span class="badge number" title="Read so far">
      {formatCount(reads, areRequests ? "request" : "read")}, {formatBytes(bytes)}
    </span>
  );
}
