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

/**
 * The reads that it takes to get all of `entries`, in file order: neighbours together. What is empty, which may lie
 * anywhere, even behind the end of its file, has a read of no bytes for itself.
 */
export function planReads(entries: Iterable<BundleEntry>): PlannedRead[] {
  const all = [...entries];
  const empty = all.filter(({ size }) => size === 0);
  const reads = [
    ...joinNeighbours(all.filter(({ size }) => size > 0)),
    ...empty.map((entry) => ({ shard: entry.shard, offset: entry.offset, length: 0, entries: [entry] })),
  ];
  return reads.sort(byPlace);
}

/** The order in which reads are done. */
export function byPlace(a: Place, b: Place): number {
  return a.shard - b.shard || a.offset - b.offset;
}

function joinNeighbours(entries: readonly BundleEntry[]): PlannedRead[] {
  const ordered = [...entries].sort(byPlace);
  const reads: { shard: number; offset: number; length: number; entries: BundleEntry[] }[] = [];
  for (const entry of ordered) {
    const last = reads.at(-1);
    const end = entry.offset + entry.size;
    if (
      last !== undefined &&
      last.shard === entry.shard &&
      // Entries that share bytes, which only a damaged index has, are read apart.
      entry.offset >= last.offset + last.length &&
      entry.offset <= last.offset + last.length + MAX_GAP &&
      end - last.offset <= MAX_LENGTH
    ) {
      last.length = end - last.offset;
      last.entries.push(entry);
    } else reads.push({ shard: entry.shard, offset: entry.offset, length: entry.size, entries: [entry] });
  }
  return reads;
}
