import {
  allocateTensor,
  fullSlice,
  isNumeric,
  numElements,
  sliceShape,
  type Tensor,
  tensorBytes,
  tensorPart,
} from "@tfsaver/core";
import { CHUNK_BYTES, PIECE_BYTES } from "@tfsaver/core/coding";
import { cutSlice, type ReadOptions } from "@tfsaver/core/slices";
import type { OpenBundle } from "../open-bundle.js";
import { type ResolvedRequest, storedSizeOf } from "../resolve-requests.js";
import { maxElements, type PieceOptions, readPieces } from "./read-pieces.js";
import { stitchSlices } from "./stitch-slices.js";

/**
 * Reads the tensor of a request.
 *
 * @param memory - memory of the caller for a numeric tensor; then the result is `undefined`
 */
export async function readRequest(
  bundle: OpenBundle,
  request: ResolvedRequest,
  options: ReadOptions = {},
  memory?: Uint8Array,
): Promise<Tensor | undefined> {
  const { dtype, shape } = request.entry;
  if (isReadWhole(request, options)) {
    const tensor = await stitchSlices(bundle, request, options);
    if (memory === undefined) return tensor;
    memory.set(tensorBytes(tensor));
    return undefined;
  }
  const onePiece = { ...options, memory, pieceBytes: Number.POSITIVE_INFINITY };
  for await (const { tensor } of readPieces(bundle, request, onePiece)) return tensor;
  return memory === undefined ? allocateTensor(dtype, sliceShape(shape, request.wanted)) : undefined;
}

/** Reads the tensor of a request in pieces. */
export async function* streamRequest(
  bundle: OpenBundle,
  request: ResolvedRequest,
  options: PieceOptions,
): AsyncGenerator<Tensor> {
  const { dtype } = request.entry;
  // Several slices are cheaper together, even if the result is cut then; a single one is not.
  const most = request.stored.length > 1 ? CHUNK_BYTES : (options.pieceBytes ?? PIECE_BYTES);
  if (isNumeric(dtype) && !(isReadWhole(request, options) && storedSizeOf(request) <= most)) {
    for await (const { tensor } of readPieces(bundle, request, options)) yield tensor as Tensor;
    return;
  }
  const tensor = await stitchSlices(bundle, request, options);
  const { shape } = tensor;
  if (numElements(shape) === 0) return;
  const max = isNumeric(dtype) ? maxElements(dtype, options) : Number.POSITIVE_INFINITY;
  if (numElements(shape) <= max) yield tensor;
  else for (const slice of cutSlice(shape, fullSlice(shape.length), max)) yield tensorPart(tensor, slice);
}

/**
 * True if the stored slices are read whole, neighbors together, and copied from memory. Numbers are, unless there is more of one
 * slice than a chunk.
 */
function isReadWhole({ entry, stored }: ResolvedRequest, { checksums }: ReadOptions): boolean {
  if (!isNumeric(entry.dtype)) return true;
  return checksums !== "none" && stored.every((part) => part.entry.size <= CHUNK_BYTES);
}
