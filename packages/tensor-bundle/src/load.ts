import type { Tensor } from "@tfsaver/core";
import type { CallOptions } from "@tfsaver/storage";
import { ahead } from "./ahead.js";
import type { DataFiles } from "./data-files.js";
import type { BundleEntry } from "./entry.js";
import { type Landing, landingOf } from "./landing.js";
import type { IndexedRead } from "./plan.js";
import type { EntryPlace } from "./tensor-buffer.js";

/** Longer reads are done in pieces of this many bytes. */
const PIECE = 8 << 20;
/** So many reads are under way while this thread computes checksums of what has come. */
const READS_AHEAD = 4;

/** A part of a planned read, or all of it. */
interface Piece {
  readonly of: IndexedRead;
  readonly landing: () => Promise<Landing>;
  /** Bytes of the only entry; of a read for several entries, all there are. */
  readonly start: number;
  readonly end: number;
}

/** The tensors of one planned read, in the order of its entries. */
export interface Loaded {
  readonly read: IndexedRead;
  readonly tensors: readonly Tensor[];
}

/**
 * Carries out planned reads, in their order, as far as can be straight into the memory of tensors. The next ones are
 * under way while checksums are computed, so that the disk, or the network, does not wait for them.
 */
export async function* load(
  reads: readonly IndexedRead[],
  data: DataFiles,
  placeOf: (entry: BundleEntry) => EntryPlace,
  options?: CallOptions,
): AsyncGenerator<Loaded> {
  const readPiece = async ({ of, landing, start, end }: Piece): Promise<Landing> => {
    const memory = await landing();
    const [target] = memory.targets;
    const [entry] = of.entries;
    if (of.entries.length === 1 && entry !== undefined && target !== undefined) {
      await data.readPart(entry, start, target.subarray(start, end), options);
    } else await data.read(of, memory.targets, options);
    return memory;
  };
  for await (const { item, result } of ahead(piecesOf(reads, data, placeOf), READS_AHEAD, readPiece)) {
    const { buffers } = result;
    if (item.end < item.of.length) for (const buffer of buffers) buffer.add(item.end);
    else yield { read: item.of, tensors: buffers.flatMap((buffer) => buffer.finish()) };
  }
}

function* piecesOf(
  reads: readonly IndexedRead[],
  data: DataFiles,
  placeOf: (entry: BundleEntry) => EntryPlace,
): Generator<Piece> {
  for (const read of reads) {
    let allocating: Promise<Landing> | undefined;
    const landing = () => {
      allocating ??= allocate(read, data, placeOf);
      return allocating;
    };
    const step = read.entries.length === 1 ? PIECE : read.length;
    let start = 0;
    do {
      const end = Math.min(start + step, read.length);
      yield { of: read, landing, start, end };
      start = end;
    } while (start < read.length);
  }
}

async function allocate(
  read: IndexedRead,
  data: DataFiles,
  placeOf: (entry: BundleEntry) => EntryPlace,
): Promise<Landing> {
  // Looked at first, so that no more is allocated than the files can fill.
  await data.requireRoom(read.entries);
  return landingOf(read, placeOf);
}
