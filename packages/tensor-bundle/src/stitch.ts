import {
  copyOverlap,
  DataLossError,
  fullSlice,
  sliceShape,
  type Tensor,
  type TensorPart,
  zeroTensor,
} from "@tfsaver/core";
import type { DataFiles } from "./data-files.js";
import type { BundleEntry } from "./entry.js";
import type { Loaded } from "./load.js";
import { byPlace } from "./plan.js";
import type { Resolved } from "./requests.js";

/**
 * Puts a tensor, or a part of one, together of the slices that are stored of it.
 *
 * @param load - reads slices
 */
export async function stitch(
  { request, entry, stored }: Resolved,
  data: DataFiles,
  load: (parts: readonly BundleEntry[]) => AsyncIterable<Loaded>,
): Promise<Tensor> {
  const { dtype, shape } = entry;
  const wanted = request.slice ?? fullSlice(shape.length);
  const part = sliceShape(shape, wanted);
  const parts = stored.map((item) => item.entry);
  // The slices cover it, and each has bytes of its own in a file; so no more is allocated than the files can fill.
  await data.requireRoom(parts);
  requireApart(parts, data);
  const tensor = zeroTensor(dtype, part);
  const target: TensorPart = { slice: wanted, tensor };
  for await (const { read, tensors } of load(parts)) {
    for (const [i, index] of read.indices.entries()) {
      const { slice } = stored[index] as (typeof stored)[number];
      copyOverlap(shape, { slice, tensor: tensors[i] as Tensor }, target);
    }
  }
  return tensor;
}

/** @throws `DataLossError` if slices of a tensor share bytes, by which a small file could fill any memory. */
function requireApart(parts: readonly BundleEntry[], data: DataFiles): void {
  const ordered = parts.filter(({ size }) => size > 0).sort(byPlace);
  for (const [i, part] of ordered.entries()) {
    const next = ordered[i + 1];
    if (next === undefined || next.shard !== part.shard || next.offset >= part.offset + part.size) continue;
    const path = data.filename(next.shard);
    throw new DataLossError(
      `${path}: the slices ${part.name} and ${next.name} share bytes from offset ${next.offset} on`,
      { path, offset: next.offset, tensor: next.name },
    );
  }
}
