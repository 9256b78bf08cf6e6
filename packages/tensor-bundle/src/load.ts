import type { Tensor } from "@tfsaver/core";
import type { CallOptions } from "@tfsaver/storage";
import { ahead } from "./ahead.js";
import type { DataFiles } from "./data-files.js";
import type { BundleEntry } from "./entry.js";
import type { PlannedRead } from "./plan.js";
import { bufferFor, type EntryPlace, type TensorBuffer } from "./tensor-buffer.js";

/** Longer reads are done in pieces of this many bytes. */
const PIECE = 8 << 20;
/** So many reads are under way while this thread computes checksums of what has come. */
const READS_AHEAD = 4;

/** A part of a planned read, or all of it. */
interface Piece {
  readonly of: PlannedRead;
  readonly buffers: () => Promise<readonly TensorBuffer[]>;
  /** Bytes of the only entry; of a read for several entries, all there are. */
  readonly start: number;
  readonly end: number;
}

/** The tensors of one planned read, in the order of its entries. */
export interface Loaded {
  readonly read: PlannedRead;
  readonly tensors: readonly Tensor[];
}

/**
 * Carries out planned reads, in their order, straight into the memory of tensors. The next ones are under way while
 * checksums are computed, so that the disk, or the network, does not wait for them.
 */
export async function* load(
  reads: readonly PlannedRead[],
  data: DataFiles,
  placeOf: (entry: BundleEntry) => EntryPlace,
  options?: CallOptions,
): AsyncGenerator<Loaded> {
  const readPiece = async ({ of, buffers, start, end }: Piece): Promise<readonly TensorBuffer[]> => {
    const all = await buffers();
    const [entry] = of.entries;
    if (of.entries.length === 1 && entry !== undefined) {
      await data.readPart(entry, start, (all[0] as TensorBuffer).bytes.subarray(start, end), options);
    } else {
      const targets = all.map(({ bytes }) => bytes);
      await data.read(of, targets, options);
    }
    return all;
  };
  for await (const { item, result: buffers } of ahead(piecesOf(reads, data, placeOf), READS_AHEAD, readPiece)) {
    for (const buffer of buffers) buffer.add(buffer.bytes.subarray(item.start, item.end));
    if (item.end < item.of.length) continue;
    yield { read: item.of, tensors: buffers.map((buffer) => buffer.finish()) };
  }
}

function* piecesOf(
  reads: readonly PlannedRead[],
  data: DataFiles,
  placeOf: (entry: BundleEntry) => EntryPlace,
): Generator<Piece> {
  for (const read of reads) {
    let allocating: Promise<readonly TensorBuffer[]> | undefined;
    const buffers = () => {
      allocating ??= allocate(read, data, placeOf);
      return allocating;
    };
    const step = read.entries.length === 1 ? PIECE : read.length;
    let start = 0;
    do {
      const end = Math.min(start + step, read.length);
      yield { of: read, buffers, start, end };
      start = end;
    } while (start < read.length);
  }
}

async function allocate(
  read: PlannedRead,
  data: DataFiles,
  placeOf: (entry: BundleEntry) => EntryPlace,
): Promise<readonly TensorBuffer[]> {
  // Looked at first, so that no more is allocated than the files can fill.
  await data.requireRoom(read.entries);
  return read.entries.map((entry) => bufferFor(entry, placeOf(entry)));
}
