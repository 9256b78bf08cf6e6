import type { BundleEntry } from "./entry.js";

/** Where something lies. */
interface Place {
  readonly shard: number;
  readonly offset: number;
}

/** One read of a data file, which serves tensors (or slices) that lie next to each other. */
export interface PlannedRead {
  /** Which data file, counted from 0. */
  readonly shard: number;
  /** Byte offset in that file. */
  readonly offset: number;
  readonly length: number;
  /** What is read, in the order in which it lies there. */
  readonly entries: readonly BundleEntry[];
}

/** Bytes between two tensors up to which reading them too is cheaper than another read. */
const MAX_GAP = 4096;
/** Reads are put together up to this many bytes, so that what waits to be used stays small. */
const MAX_LENGTH = 8 << 20;

/** A planned read that knows which of the entries that were asked for it reads, by their index. */
export interface IndexedRead extends PlannedRead {
  readonly indices: readonly number[];
}

/**
 * The reads that it takes to get all of `entries`, in file order: neighbours together. What is empty, which may lie
 * anywhere, even behind the end of its file, has a read of no bytes for itself.
 */
export function planReads(entries: readonly BundleEntry[]): IndexedRead[] {
  const entryAt = (index: number) => entries[index] as BundleEntry;
  const order = [...entries.keys()].sort((a, b) => byPlace(entryAt(a), entryAt(b)));
  const reads: GrowingRead[] = [];
  let last: GrowingRead | undefined;
  for (const index of order) {
    const entry = entryAt(index);
    const { shard, offset, size } = entry;
    if (last !== undefined && size > 0 && isNeighbour(last, entry)) {
      last.length = offset + size - last.offset;
      last.entries.push(entry);
      last.indices.push(index);
      continue;
    }
    const read = { shard, offset, length: size, entries: [entry], indices: [index] };
    reads.push(read);
    if (size > 0) last = read;
  }
  return reads;
}

/** The order in which reads are done. */
export function byPlace(a: Place, b: Place): number {
  return a.shard - b.shard || a.offset - b.offset;
}

interface GrowingRead extends Place {
  length: number;
  readonly entries: BundleEntry[];
  readonly indices: number[];
}

/**
 * Whether a read may be made longer to take in an entry. Entries that share bytes, which only a damaged index has, are read
 * apart.
 */
function isNeighbour({ shard, offset, length }: GrowingRead, entry: BundleEntry): boolean {
  const end = offset + length;
  return (
    entry.shard === shard &&
    entry.offset >= end &&
    entry.offset <= end + MAX_GAP &&
    entry.offset + entry.size - offset <= MAX_LENGTH
  );
}
