import { runAhead, type Tensor } from "@tfsaver/core";
import { CHUNK_BYTES } from "@tfsaver/core/coding";
import type { ReadOptions } from "@tfsaver/core/slices";
import type { OpenBundle } from "../open-bundle.js";
import type { DataRead } from "./plan-reads.js";
import { type ReadTargets, readTargets } from "./read-targets.js";

/** Number of reads in progress while this thread computes checksums. */
const READS_AHEAD = 6;

/** A planned read, or a part of one. */
interface Piece {
  readonly of: DataRead;
  /** Byte range inside the only entry; for several entries, the whole read. */
  readonly start: number;
  readonly end: number;
}

/** The tensors of one planned read, in the order of its entries. */
export interface LoadedRead {
  readonly read: DataRead;
  /** Empty if the read went into memory of the caller. */
  readonly tensors: readonly Tensor[];
}

/** Where the tensors go. */
export interface Destination {
  /** Memory for the only entry of the only read. Default: new memory. */
  readonly target?: Uint8Array | undefined;
  /**
   * True if all tensors will be in memory at the end. Then it is allocated at the start: for each large allocation the engine may
   * collect garbage, for which it stops the threads that read.
   */
  readonly keepsAll?: boolean | undefined;
}

/**
 * Executes planned reads in their order, straight into the memory of tensors where possible. The next reads run while
 * checksums are computed, so that neither the disk nor the network waits.
 */
export async function* executePlan(
  bundle: OpenBundle,
  reads: readonly DataRead[],
  options: ReadOptions | undefined,
  destination: Destination = {},
): AsyncGenerator<LoadedRead> {
  const { data } = bundle;
  const allocated = new Map<DataRead, Promise<ReadTargets>>();
  /** Allocates the memory of a read the first time. */
  const memoryOf = (read: DataRead): Promise<ReadTargets> => {
    const allocating = allocated.get(read) ?? allocate(bundle, read, options, destination);
    allocated.set(read, allocating);
    return allocating;
  };
  if (destination.keepsAll && areSeparate(reads)) for (const read of reads) await memoryOf(read);
  const readPiece = async ({ of, start, end }: Piece): Promise<ReadTargets> => {
    const memory = await memoryOf(of);
    const [first] = memory.targets;
    const [entry] = of.entries;
    if (of.entries.length === 1 && entry !== undefined && first !== undefined) {
      await data.readPart(entry, start, first.subarray(start, end), options);
    } else await data.read(of, memory.targets, options);
    return memory;
  };
  for await (const { item, result } of runAhead(piecesOf(reads), READS_AHEAD, readPiece)) {
    const { buffers } = result;
    if (item.end < item.of.length) {
      for (const buffer of buffers) buffer.add(item.end);
      continue;
    }
    allocated.delete(item.of);
    yield { read: item.of, tensors: buffers.flatMap((buffer) => buffer.finish()) };
  }
}

/** Splits the reads of large tensors into chunks. */
function* piecesOf(reads: readonly DataRead[]): Generator<Piece> {
  for (const read of reads) {
    const step = read.entries.length === 1 ? CHUNK_BYTES : read.length;
    let start = 0;
    do {
      const end = Math.min(start + step, read.length);
      yield { of: read, start, end };
      start = end;
    } while (start < read.length);
  }
}

async function allocate(
  bundle: OpenBundle,
  read: DataRead,
  options: ReadOptions | undefined,
  { target }: Destination,
): Promise<ReadTargets> {
  // First, so that a damaged index can't make us allocate more than the files hold.
  await bundle.data.requireRoom(read.entries);
  return readTargets(read, (entry) => bundle.placeOf(entry), target, options?.allocate);
}

/** True if no reads share bytes. They are in the order of the files. */
function areSeparate(reads: readonly DataRead[]): boolean {
  return reads.every((read, i) => {
    const next = reads[i + 1];
    return next === undefined || next.shard !== read.shard || next.offset >= read.offset + read.length;
  });
}
