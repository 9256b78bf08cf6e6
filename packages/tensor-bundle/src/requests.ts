import { fullSlice, isWhole, shapesEqual, sliceShape, type TensorSlice } from "@tfsaver/core";
import { slicesFor } from "@tfsaver/core/slices";
import type { CallOptions } from "@tfsaver/storage";
import type { BundleIndex } from "./bundle-index.js";
import type { BundleEntry } from "./entry.js";

/** What to read of a checkpoint: a tensor, or a part of it. */
export interface TensorRequest {
  readonly name: string;
  /** Default: the whole tensor. */
  readonly slice?: TensorSlice | undefined;
}

/** What to read of data files for one request. */
export interface Resolved {
  readonly request: TensorRequest;
  readonly entry: BundleEntry;
  /** What is stored of it: the tensor itself, or the slices that it takes. */
  readonly stored: readonly { readonly slice: TensorSlice; readonly entry: BundleEntry }[];
}

/** What to read for many requests. */
export interface AllResolved {
  /** What is stored just as it is asked for, so that neighbours can be read together. */
  readonly whole: readonly BundleEntry[];
  /** For which request each of them is. */
  readonly requestOf: readonly number[];
  /** What must be put together, one tensor at a time, so that parts of many don't wait in memory. */
  readonly stitched: readonly (Resolved & { readonly index: number })[];
}

/** Finds what requests take. Throws what the index tells. */
export async function resolveAll(
  index: BundleIndex,
  requests: readonly TensorRequest[],
  options: CallOptions | undefined,
): Promise<AllResolved> {
  const whole: BundleEntry[] = [];
  const requestOf: number[] = [];
  const stitched: (Resolved & { readonly index: number })[] = [];
  const names = requests.map(({ name }) => name);
  const entries = await index.requireAll(names, options);
  for (let i = 0; i < entries.length; i++) {
    const request = requests[i] as TensorRequest;
    let entry = entries[i] as BundleEntry;
    if (!isStoredAsAskedFor(request, entry)) {
      const item = await resolve(index, request, entry, options);
      const [only] = item.stored;
      if (only === undefined || item.stored.length > 1 || !isAllOf(item, only)) {
        stitched.push({ ...item, index: i });
        continue;
      }
      entry = only.entry;
    }
    whole.push(entry);
    requestOf.push(i);
  }
  return { whole, requestOf, stitched };
}

/** Finds what one request for a tensor takes. */
export async function resolve(
  index: BundleIndex,
  request: TensorRequest,
  entry: BundleEntry,
  options: CallOptions | undefined,
): Promise<Resolved> {
  const full = fullSlice(entry.shape.length);
  const wanted = request.slice ?? full;
  if (request.slice !== undefined) sliceShape(entry.shape, request.slice);
  if (entry.slices.length === 0) return { request, entry, stored: [{ slice: full, entry }] };
  const stored: { slice: TensorSlice; entry: BundleEntry }[] = [];
  for (const part of slicesFor({ ...entry, path: index.path }, wanted)) {
    stored.push({ slice: part, entry: await index.requireSlice(entry, part, options) });
  }
  return { request, entry, stored };
}

/** Bytes of data files that a request takes. */
export function storedSizeOf({ stored }: Resolved): number {
  return stored.reduce((sum, { entry }) => sum + entry.size, 0);
}

/** Whether a tensor that is stored whole is asked for as a whole, so that nothing need be copied. */
function isStoredAsAskedFor({ slice }: TensorRequest, { shape, slices }: BundleEntry): boolean {
  return slices.length === 0 && (slice === undefined || isWhole(shape, slice));
}

/** Whether the one slice that is stored is just what was asked for. */
function isAllOf({ request, entry }: Resolved, stored: Resolved["stored"][number]): boolean {
  const wanted = request.slice ?? fullSlice(entry.shape.length);
  return entry.slices.length > 0 && shapesEqual(sliceShape(entry.shape, wanted), stored.entry.shape);
}
