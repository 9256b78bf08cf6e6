import { type DType, dtypeInfo, overlapRange, runAhead, type TensorSlice } from "@tfsaver/core";
import { crc32c, PIECE_BYTES } from "@tfsaver/core/coding";
import {
  type ByteRange,
  cutSlice,
  inChunks,
  neededRanges,
  type ReadOptions,
  type SliceFiller,
} from "@tfsaver/core/slices";
import type { BundleEntry } from "../../encode/entry.js";
import type { OpenBundle } from "../open-bundle.js";
import type { ResolvedRequest } from "../resolve-requests.js";
import { normalizeNumbers, requireChecksum } from "../whole/tensor-buffer.js";
import { Piece } from "./piece.js";
import { requireSeparate } from "./require-separate.js";

/** Number of reads in progress while this thread computes checksums. */
const READS_AHEAD = 2;

/** Smallest size in bytes of the reads of a tensor that is verified (256 KiB). */
const MIN_CHUNK_BYTES = 256 << 10;

/** How to read a part of a numeric tensor. */
export interface PieceOptions extends ReadOptions {
  /** Maximum size of a piece in bytes. Default: 4 MiB; `Infinity` for one piece. */
  readonly pieceBytes?: number | undefined;
  /** Memory of the caller for the only piece. */
  readonly memory?: Uint8Array | undefined;
}

/** One read of a range of a stored slice. It may serve several pieces. */
interface Chunk {
  readonly entry: BundleEntry;
  readonly range: ByteRange;
  /** Memory of the piece that is filled directly. */
  readonly memory: Uint8Array | undefined;
  /** The bytes, once the read was started. */
  reading: Promise<Uint8Array> | undefined;
  /** True once its checksum was added to that of its entry. */
  isCounted: boolean;
}

/** One step on the way to a piece. */
interface Step {
  readonly chunk: Chunk;
  /** Takes the bytes of the chunk that the piece needs, unless they were read into its memory. */
  readonly filler?: SliceFiller | undefined;
  /** The piece that is complete after this step. */
  readonly completes?: Piece;
}

/**
 * Reads a part of a numeric tensor in pieces, in row-major order. With checksums, all bytes that are stored together with it are
 * read in order, and the last piece comes only when all of them are verified.
 *
 * @throws `DataLossError` if the data is damaged, or slices share bytes.
 */
export async function* readPieces(
  bundle: OpenBundle,
  request: ResolvedRequest,
  options: PieceOptions,
): AsyncGenerator<Piece> {
  const { entry, stored } = request;
  const { checksums = "whole", onRead } = options;
  const entries = stored.map((part) => part.entry);
  const verified = checksums === "whole";
  // The parts have bytes of their own, so what is allocated is no larger than the files.
  await bundle.data.requireRoom(entries, verified ? undefined : firstByte(request));
  requireSeparate(bundle, entries);
  const crcs = new Map(entries.map((part) => [part, 0]));
  let requests = 0;
  let bytesRead = 0;
  const read = async ({ entry: part, range, memory }: Chunk): Promise<Uint8Array> => {
    const bytes = memory ?? new Uint8Array(range.end - range.start);
    requests++;
    bytesRead += bytes.length;
    await bundle.data.readPart(part, range.start, bytes, options);
    return bytes;
  };
  const start = ({ chunk }: Step) => {
    chunk.reading ??= read(chunk);
    return chunk.reading;
  };
  let last: Piece | undefined;
  for await (const { item, result } of runAhead(stepsOf(request, options, verified), READS_AHEAD, start)) {
    const { chunk, filler, completes } = item;
    if (verified && !chunk.isCounted) crcs.set(chunk.entry, crc32c(result, crcs.get(chunk.entry)));
    chunk.isCounted = true;
    filler?.take(chunk.range.start, result);
    if (completes === undefined) continue;
    if (last !== undefined) yield last;
    last = completes;
    normalizeNumbers(entry, last.bytes, bundle.placeOf(chunk.entry));
  }
  if (verified) for (const [part, crc] of crcs) requireChecksum(part, crc, bundle.placeOf(part));
  onRead?.({ requests, bytes: bytesRead, verified });
  if (last !== undefined) yield last;
}

/** Returns where the first bytes lie that a request needs. */
function firstByte({ entry: { dtype, shape }, wanted, stored: [first] }: ResolvedRequest): number | undefined {
  if (first === undefined) return undefined;
  const { value } = neededRanges(shape, first.slice, wanted, dtypeInfo(dtype).size).next();
  return first.entry.offset + (value?.start ?? 0);
}

/** Yields the steps to the pieces in order, and with checksums those through everything else that is stored with them. */
function* stepsOf(
  { entry, wanted, stored }: ResolvedRequest,
  options: PieceOptions,
  verified: boolean,
): Generator<Step> {
  const { dtype, shape } = entry;
  const width = dtypeInfo(dtype).size;
  // Many tensors may be read side by side, so small pieces are read in small chunks, but not in tiny ones.
  const chunkBytes = Math.min(Math.max(options.pieceBytes ?? PIECE_BYTES, MIN_CHUNK_BYTES), PIECE_BYTES);
  const sources = stored.map(({ slice, entry: part }) => {
    const ranges = verified
      ? inChunks({ start: 0, end: part.size }, chunkBytes)
      : neededRanges(shape, slice, wanted, width);
    return new Source(slice, part, ranges);
  });
  for (const slice of cutSlice(shape, wanted, maxElements(dtype, options))) {
    const piece = new Piece(entry, slice, options.memory ?? options.allocate);
    let last: Step | undefined;
    for (const source of sources) {
      const overlap = overlapRange(shape, source.slice, slice);
      if (overlap === undefined) continue;
      for (const step of source.stepsTo(overlap.end * width, piece)) {
        if (last !== undefined) yield last;
        last = step;
      }
    }
    if (last !== undefined) yield { ...last, completes: piece };
  }
  if (verified) for (const source of sources) yield* source.stepsToEnd();
}

/** Returns the maximum number of elements of a piece. */
export function maxElements(dtype: DType, { pieceBytes = PIECE_BYTES }: PieceOptions): number {
  return Math.max(1, Math.floor(pieceBytes / dtypeInfo(dtype).size));
}

/** A stored slice that is read chunk by chunk. */
class Source {
  #chunk: Chunk | undefined;

  constructor(
    readonly slice: TensorSlice,
    private readonly entry: BundleEntry,
    private readonly ranges: Iterator<ByteRange>,
  ) {}

  /** Yields the steps that bring a piece the bytes before `end`. */
  *stepsTo(end: number, piece: Piece): Generator<Step> {
    const filler = piece.filler(this.slice);
    let chunk = this.#chunk ?? this.#next(piece);
    while (chunk !== undefined) {
      yield chunk.memory === undefined ? { chunk, filler } : { chunk };
      if (chunk.range.end >= end) break;
      chunk = this.#next(piece);
    }
    // There may be thousands of sources, so none keeps memory that no later piece needs.
    if (chunk?.range.end === end) this.#chunk = undefined;
  }

  *stepsToEnd(): Generator<Step> {
    for (let chunk = this.#next(); chunk !== undefined; chunk = this.#next()) yield { chunk };
  }

  #next(piece?: Piece): Chunk | undefined {
    const { done, value: range } = this.ranges.next();
    const { entry } = this;
    const memory = done ? undefined : piece?.memoryFor(this.slice, range);
    this.#chunk = done ? undefined : { entry, range, memory, reading: undefined, isCounted: false };
    return this.#chunk;
  }
}
