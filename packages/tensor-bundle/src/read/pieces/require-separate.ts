import { DataLossError } from "@tfsaver/core";
import type { BundleEntry } from "../../encode/entry.js";
import type { OpenBundle } from "../open-bundle.js";
import { byPlace } from "../whole/plan-reads.js";

/**
 * Checks that no two slices share bytes: otherwise a small hostile file could fill any memory.
 *
 * @throws `DataLossError` if two do.
 */
export function requireSeparate({ data }: OpenBundle, parts: readonly BundleEntry[]): void {
  const ordered = parts.filter(({ size }) => size > 0).sort(byPlace);
  for (const [i, part] of ordered.entries()) {
    const next = ordered[i + 1];
    if (next === undefined || next.shard !== part.shard || next.offset >= part.offset + part.size) continue;
    const path = data.filename(next.shard);
    throw new DataLossError(
      `${path}: the slices ${part.name} and ${next.name} share bytes from offset ${next.offset}`,
      {
        path,
        offset: next.offset,
        tensor: next.name,
      },
    );
  }
}
