import { completeSlice, fullSlice, isWhole, shapesEqual, sliceShape, type TensorSlice } from "@tfsaver/core";
import { type ReadOptions, slicesFor, type TensorRequest } from "@tfsaver/core/slices";
import type { CallOptions } from "@tfsaver/storage";
import type { BundleEntry } from "../encode/entry.js";
import type { BundleIndex } from "./bundle-index.js";

/** A request and the index entries that it needs. */
export interface ResolvedRequest {
  readonly entry: BundleEntry;
  /** The part of the tensor, with an extent for each dimension. */
  readonly wanted: TensorSlice;
  /** The stored data: the tensor itself, or the slices that the request needs. */
  readonly stored: readonly { readonly slice: TensorSlice; readonly entry: BundleEntry }[];
}

/** Many requests and the index entries that they need. */
export interface ResolvedRequests {
  /** Entries that are stored just as requested, so that neighbors can be read together. */
  readonly whole: readonly BundleEntry[];
  /** For each of them, the index of its request. */
  readonly requestOf: readonly number[];
  /**
   * Requests whose tensor is put together from slices, cut from a larger one, or read with options of its own. They are read
   * one at a time.
   */
  readonly stitched: readonly (ResolvedRequest & { readonly index: number })[];
}

/**
 * Finds the index entries that requests need.
 *
 * @throws the errors that the index can tell of, before any data is read: those of `BundleReader.get`.
 */
export async function resolveRequests(
  index: BundleIndex,
  requests: readonly TensorRequest[],
  options: ReadOptions | undefined,
): Promise<ResolvedRequests> {
  const oneByOne = options?.checksums === "none" || options?.onRead !== undefined;
  const whole: BundleEntry[] = [];
  const requestOf: number[] = [];
  const stitched: (ResolvedRequest & { readonly index: number })[] = [];
  const names = requests.map(({ name }) => name);
  const entries = await index.requireAll(names, options);
  for (let i = 0; i < entries.length; i++) {
    const request = requests[i] as TensorRequest;
    let entry = entries[i] as BundleEntry;
    if (oneByOne || !isStoredAsRequested(request, entry, index.path)) {
      const item = await resolveRequest(index, request, entry, options);
      const [only] = item.stored;
      if (oneByOne || only === undefined || item.stored.length > 1 || !isExactlyRequested(item, only)) {
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

/** Finds the index entries that one request for the tensor of `entry` needs. */
export async function resolveRequest(
  index: BundleIndex,
  request: TensorRequest,
  entry: BundleEntry,
  options: CallOptions | undefined,
): Promise<ResolvedRequest> {
  const full = fullSlice(entry.shape.length);
  const wanted = completeSlice(request.slice ?? full, full.length);
  sliceShape(entry.shape, wanted, { path: index.path, tensor: entry.name });
  if (entry.slices.length === 0) return { entry, wanted, stored: [{ slice: full, entry }] };
  const stored: { slice: TensorSlice; entry: BundleEntry }[] = [];
  for (const part of slicesFor({ ...entry, path: index.path }, wanted)) {
    stored.push({ slice: part, entry: await index.requireSlice(entry, part, options) });
  }
  return { entry, wanted, stored };
}

/** Returns the number of bytes to read from data files for a request. */
export function storedSizeOf({ stored }: ResolvedRequest): number {
  return stored.reduce((sum, { entry }) => sum + entry.size, 0);
}

/** True if a tensor is stored whole and requested whole, so that no copy is needed. */
function isStoredAsRequested(
  { slice }: TensorRequest,
  { name: tensor, shape, slices }: BundleEntry,
  path: string,
): boolean {
  if (slices.length > 0 || slice === undefined) return slices.length === 0;
  const wanted = completeSlice(slice, shape.length);
  sliceShape(shape, wanted, { path, tensor });
  return isWhole(shape, wanted);
}

/** True if a stored slice is exactly the requested part. */
function isExactlyRequested({ wanted, entry }: ResolvedRequest, stored: ResolvedRequest["stored"][number]): boolean {
  return entry.slices.length > 0 && shapesEqual(sliceShape(entry.shape, wanted), stored.entry.shape);
}
