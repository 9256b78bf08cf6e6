import {
  copyOverlap,
  DataLossError,
  fullSlice,
  sliceShape,
  type Tensor,
  type TensorPart,
  zeroTensor,
} from "@tfsaver/core";
import type { CallOptions } from "@tfsaver/storage";
import type { BundleEntry } from "../encode/entry.js";
import { executePlan } from "./execute-plan.js";
import type { OpenBundle } from "./open-bundle.js";
import { byPlace, planReads } from "./plan-reads.js";
import type { ResolvedRequest } from "./resolve-requests.js";

/**
 * Reads the stored slices that a request needs and copies them into one tensor.
 *
 * @throws `DataLossError` if a slice is damaged, or if slices share bytes.
 */
export async function stitchSlices(
  bundle: OpenBundle,
  { request, entry, stored }: ResolvedRequest,
  options: CallOptions | undefined,
): Promise<Tensor> {
  const { dtype, shape } = entry;
  const wanted = request.slice ?? fullSlice(shape.length);
  const wantedShape = sliceShape(shape, wanted);
  const parts = stored.map((item) => item.entry);
  // The slices cover the tensor, and each has bytes of its own, so the allocation below is no larger than the files.
  await bundle.data.requireRoom(parts);
  requireSeparate(bundle, parts);
  const tensor = zeroTensor(dtype, wantedShape);
  const target: TensorPart = { slice: wanted, tensor };
  for await (const { read, tensors } of executePlan(bundle, planReads(parts), options)) {
    for (const [i, index] of read.indices.entries()) {
      const { slice } = stored[index] as (typeof stored)[number];
      copyOverlap(shape, { slice, tensor: tensors[i] as Tensor }, target);
    }
  }
  return tensor;
}

/**
 * Checks that no two slices share bytes: otherwise a small hostile file could fill any memory.
 *
 * @throws `DataLossError` if two do.
 */
function requireSeparate({ data }: OpenBundle, parts: readonly BundleEntry[]): void {
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
