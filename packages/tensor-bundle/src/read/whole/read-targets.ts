import { allocateBytes, isNumeric } from "@tfsaver/core";
import type { ReadOptions } from "@tfsaver/core/slices";
import type { BundleEntry } from "../../encode/entry.js";
import type { DataRead } from "./plan-reads.js";
import { bufferFor, type EntryPlace, SHORT, SharedBuffer, type TensorBuffer } from "./tensor-buffer.js";

/** Size in bytes of the largest element. Shared memory keeps the alignment that entries have in the file. */
const ALIGNMENT = 16;

/** The memory that a read fills. */
export interface ReadTargets {
  /** Memory for the whole read, gaps between entries included, in the order of the file. */
  readonly targets: readonly Uint8Array[];
  /** The buffers of the entries, in their order. One buffer may serve several entries. */
  readonly buffers: readonly TensorBuffer[];
}

/**
 * Allocates the memory for a read. Adjacent short entries share a block; each of the others has its own.
 *
 * @param target - memory for the only entry; default: new memory
 * @param allocate - returns the memory of a numeric tensor. Default: new memory
 */
export function readTargets(
  { offset, entries }: DataRead,
  placeOf: (entry: BundleEntry) => EntryPlace,
  target?: Uint8Array,
  allocate?: ReadOptions["allocate"],
): ReadTargets {
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
    const buffer = bufferFor(entry, placeOf(entry), target, allocate);
    if (entry.offset > at) targets.push(allocateBytes(entry.offset - at));
    targets.push(buffer.bytes);
    buffers.push(buffer);
    at = entry.offset + entry.size;
    next = first + 1;
  }
  return { targets, buffers };
}

function isShort({ dtype, size }: BundleEntry): boolean {
  return size <= SHORT && isNumeric(dtype);
}

/** Allocates memory for the bytes of a file from `start` to the end of an entry. */
function memoryFor(start: number, { offset, size }: BundleEntry): Uint8Array {
  const before = start % ALIGNMENT;
  return allocateBytes(before + offset + size - start).subarray(before);
}
