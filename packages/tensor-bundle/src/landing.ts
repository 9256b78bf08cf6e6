import { allocateBytes, isNumeric } from "@tfsaver/core";
import type { BundleEntry } from "./entry.js";
import type { PlannedRead } from "./plan.js";
import { bufferFor, type EntryPlace, SharedBuffer, type TensorBuffer } from "./tensor-buffer.js";

/** Numbers up to this many bytes are cheaper to copy out of what was read than to give memory of their own before. */
const MOST_TOGETHER = 4 << 10;
/** The largest element: what lies at a multiple of it in the file does so in memory, too. */
const ALIGNMENT = 16;

/** Where the bytes of a read go. */
export interface Landing {
  /** Memory for all of it, gaps between entries included, in the order of the file. */
  readonly targets: readonly Uint8Array[];
  /** Of the entries, in their order; one may be for several. */
  readonly buffers: readonly TensorBuffer[];
}

/** Memory for the entries of a read: short ones share a piece, each of the others has its own. */
export function landingOf({ offset, entries }: PlannedRead, placeOf: (entry: BundleEntry) => EntryPlace): Landing {
  const targets: Uint8Array[] = [];
  const buffers: TensorBuffer[] = [];
  let at = offset;
  for (let next = 0; next < entries.length; ) {
    const first = next;
    while (next < entries.length && isShort(entries[next] as BundleEntry)) next++;
    const together = entries.slice(first, next);
    if (together.length > 1) {
      const memory = memoryFor(at, together.at(-1) as BundleEntry);
      targets.push(memory);
      buffers.push(new SharedBuffer(together, placeOf(together[0] as BundleEntry), memory, at));
      at += memory.length;
      continue;
    }
    const entry = entries[first] as BundleEntry;
    const buffer = bufferFor(entry, placeOf(entry));
    if (entry.offset > at) targets.push(allocateBytes(entry.offset - at));
    targets.push(buffer.bytes);
    buffers.push(buffer);
    at = entry.offset + entry.size;
    next = first + 1;
  }
  return { targets, buffers };
}

function isShort({ dtype, size }: BundleEntry): boolean {
  return size <= MOST_TOGETHER && isNumeric(dtype);
}

/** Memory for the bytes of a file from an offset to the end of an entry. */
function memoryFor(start: number, { offset, size }: BundleEntry): Uint8Array {
  const before = start % ALIGNMENT;
  return allocateBytes(before + offset + size - start).subarray(before);
}
