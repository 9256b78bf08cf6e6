import type { Tensor } from "@tfsaver/core";
import { CHUNK_BYTES } from "@tfsaver/core/coding";
import type { ReadOptions } from "@tfsaver/core/slices";
import type { OpenBundle } from "../open-bundle.js";
import { runAhead } from "../run-ahead.js";
import type { DataRead } from "./plan-reads.js";
import { type ReadTargets, readTargets } from "./read-targets.js";

/** Number of reads in progress while this thread computes checksums. */
const READS_AHEAD = 4;

/** A planned read, or a part of one. */
interface Piece {
  readonly of: DataRead;
  readonly targets: () => Promise<ReadTargets>;
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

/**
 * Executes planned reads in their order, straight into the memory of tensors where possible. The next reads run while
 * checksums are computed, so that neither the disk nor the network waits.
 *
 * @param target - memory for the only entry of the only read; default: new memory
 */
export async function* executePlan(
  bundle: OpenBundle,
  reads: readonly DataRead[],
  options: ReadOptions | undefined,
  target?: Uint8Array,
): AsyncGenerator<LoadedRead> {
  const { data } = bundle;
  const readPiece = async ({ of, targets, start, end }: Piece): Promise<ReadTargets> => {
    const memory = await targets();
    const [first] = memory.targets;
    const [entry] = of.entries;
    if (of.entries.length === 1 && entry !== undefined && first !== undefined) {
      await data.readPart(entry, start, first.subarray(start, end), options);
    } else await data.read(of, memory.targets, options);
    return memory;
  };
  for await (const { item, result } of runAhead(
    piecesOf(bundle, reads, target, options?.allocate),
    READS_AHEAD,
    readPiece,
  )) {
    const { buffers } = result;
    if (item.end < item.of.length) for (const buffer of buffers) buffer.add(item.end);
    else yield { read: item.of, tensors: buffers.flatMap((buffer) => buffer.finish()) };
  }
}

/** Splits the reads of large tensors into chunks. Memory is allocated when the first chunk of a read starts. */
function* piecesOf(
  bundle: OpenBundle,
  reads: readonly DataRead[],
  target: Uint8Array | undefined,
  memory: ReadOptions["allocate"],
): Generator<Piece> {
  for (const read of reads) {
    let allocating: Promise<ReadTargets> | undefined;
    const targets = () => {
      allocating ??= allocate(bundle, read, target, memory);
      return allocating;
    };
    const step = read.entries.length === 1 ? CHUNK_BYTES : read.length;
    let start = 0;
    do {
      const end = Math.min(start + step, read.length);
      yield { of: read, targets, start, end };
      start = end;
    } while (start < read.length);
  }
}

async function allocate(
  bundle: OpenBundle,
  read: DataRead,
  target: Uint8Array | undefined,
  memory: ReadOptions["allocate"],
): Promise<ReadTargets> {
  // First, so that a damaged index can't make us allocate more than the files hold.
  await bundle.data.requireRoom(read.entries);
  return readTargets(read, (entry) => bundle.placeOf(entry), target, memory);
}
