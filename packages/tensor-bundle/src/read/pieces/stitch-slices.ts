import { copyOverlap, shapesEqual, sliceShape, type Tensor, zeroTensor } from "@tfsaver/core";
import type { ReadOptions } from "@tfsaver/core/slices";
import type { BundleEntry } from "../../encode/entry.js";
import type { OpenBundle } from "../open-bundle.js";
import type { ResolvedRequest } from "../resolve-requests.js";
import { executePlan } from "../whole/execute-plan.js";
import { planReads } from "../whole/plan-reads.js";
import { requireSeparate } from "./require-separate.js";

/**
 * Reads the stored slices that a request needs, whole and neighbors together, and copies the elements into one tensor.
 *
 * @throws `DataLossError` if a slice is damaged, or if slices share bytes.
 */
export async function stitchSlices(
  bundle: OpenBundle,
  { wanted, entry, stored }: ResolvedRequest,
  options: ReadOptions,
): Promise<Tensor> {
  const { dtype, shape } = entry;
  const wantedShape = sliceShape(shape, wanted);
  const parts = stored.map((item) => item.entry);
  // The slices cover the tensor, and each has bytes of its own, so the allocation below is no larger than the files.
  await bundle.data.requireRoom(parts);
  requireSeparate(bundle, parts);
  // A single slice of this shape is the result itself. Memory of the caller is for the result.
  const isOne = parts.length === 1 && shapesEqual((parts[0] as BundleEntry).shape, wantedShape);
  let tensor = isOne ? undefined : zeroTensor(dtype, wantedShape);
  const reads = planReads(parts);
  for await (const { read, tensors } of executePlan(
    bundle,
    reads,
    isOne ? options : { ...options, allocate: undefined },
  )) {
    for (const [i, index] of read.indices.entries()) {
      const { slice } = stored[index] as (typeof stored)[number];
      const part = tensors[i] as Tensor;
      if (tensor === undefined) tensor = part;
      else copyOverlap(shape, { slice, tensor: part }, { slice: wanted, tensor });
    }
  }
  const bytes = reads.reduce((sum, { length }) => sum + length, 0);
  options.onRead?.({ requests: reads.filter(({ length }) => length > 0).length, bytes, verified: true });
  return tensor ?? zeroTensor(dtype, wantedShape);
}
