import { CHUNK_BYTES } from "@tfsaver/core/coding";
import type { BundleEntry } from "../../encode/entry.js";

/** A place in the data files. */
interface Place {
  readonly shard: number;
  readonly offset: number;
}

/** One read of a data file. It serves entries that lie next to each other. */
export interface DataRead {
  /** Number of the data file, from 0. */
  readonly shard: number;
  /** Byte offset in that file. */
  readonly offset: number;
  /** Length in bytes. */
  readonly length: number;
  /** The entries that are read, in the order in which they lie in the file. */
  readonly entries: readonly BundleEntry[];
  /** For each entry, its index in the list that was planned. */
  readonly indices: readonly number[];
}

/** Largest gap in bytes between two entries that is read too, because that is cheaper than another read. */
const MAX_GAP = 4096;

interface GrowingRead extends Place {
  length: number;
  readonly entries: BundleEntry[];
  readonly indices: number[];
}

/**
 * Plans the reads that get all of `entries`, in file order, neighbors together. An empty entry may lie anywhere, even
 * beyond the end of its file, so it has a read of 0 bytes to itself.
 */
export function planReads(entries: readonly BundleEntry[]): DataRead[] {
  const entryAt = (index: number) => entries[index] as BundleEntry;
  const order = [...entries.keys()].sort((a, b) => byPlace(entryAt(a), entryAt(b)));
  const reads: GrowingRead[] = [];
  let last: GrowingRead | undefined;
  for (const index of order) {
    const entry = entryAt(index);
    const { shard, offset, size } = entry;
    if (last !== undefined && size > 0 && isNeighbor(last, entry)) {
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

/** Compares two places by data file, then by offset. */
export function byPlace(a: Place, b: Place): number {
  return a.shard - b.shard || a.offset - b.offset;
}

/** True if the read may be extended to an entry. Entries that share bytes, as in a damaged index, are read separately. */
function isNeighbor({ shard, offset, length }: GrowingRead, entry: BundleEntry): boolean {
  const end = offset + length;
  return (
    entry.shard === shard &&
    entry.offset >= end &&
    entry.offset <= end + MAX_GAP &&
    entry.offset + entry.size - offset <= CHUNK_BYTES
  );
}
