import { crc32cByTables } from "./by-tables.js";
import { compileFolding } from "./folding-module.js";

/**
 * Distances in bytes at which a byte may be added (xor) instead of staying where it is, without changing the checksum.
 *
 * A message is a polynomial whose first bit is the highest power, and its checksum is the remainder of a division by the
 * CRC-32C polynomial. That polynomial divides x^5275 + x^4508 + x^2751 + 1, and so it divides the same with x^8 for x,
 * because squaring a polynomial over two elements squares its powers. So a byte may be removed if it is added to the bytes
 * 767, 2524 and 5275 further on: no tables, no carries, 16 bytes at once. The idea is from Russell, "Chorba: A novel CRC32
 * implementation" (2024), which has such multiples for the other CRC-32; no shorter one of four powers exists for CRC-32C.
 */
const DISTANCES = [767, 2524, 5275] as const;
/** Removed bytes to remember: the longest distance at which one is still added. */
const HISTORY = 5275;
/** Start of the history in the module's memory. It puts the message at a multiple of 16. */
const START = 5;
const MESSAGE = START + HISTORY;
/** Bytes folded per call: a multiple of {@link STEP} that fits into a processor's second cache. */
const PIECE = 128 << 10;
/** Bytes that the module folds per step. */
const STEP = 32;

/** Shortest message to fold, in bytes. The last {@link HISTORY} go through tables, so folding pays off only well above. */
export const LEAST_TO_FOLD = 48 << 10;

interface Folding {
  readonly memory: Uint8Array;
  /** Adds to each of the `length` bytes from `MESSAGE` on the bytes that were removed before it. */
  fold(length: number): void;
}

/** The compiled module; `null` if there is no WebAssembly with vectors, or a page's policy forbids it. */
let folding: Folding | null | undefined;

function start(): Folding | null {
  try {
    const { memory, fold } = compileFolding(DISTANCES, PIECE + MESSAGE);
    return { memory: new Uint8Array(memory.buffer), fold: (length) => fold(START, START + length) };
  } catch {
    return null;
  }
}

/** Computes a CRC-32C several times as fast as tables do. `bytes` must be {@link LEAST_TO_FOLD} long or longer. */
export function crc32cByFolding(bytes: Uint8Array, crc: number): number {
  folding = folding === undefined ? start() : folding;
  if (folding === null) return crc32cByTables(bytes, crc);
  const { memory, fold } = folding;
  const folded = bytes.length - HISTORY - ((bytes.length - HISTORY) % STEP);
  memory.fill(0, START, MESSAGE);
  for (let done = 0; done < folded; done += PIECE) {
    const length = Math.min(PIECE, folded - done);
    memory.set(bytes.subarray(done, done + length), MESSAGE);
    if (done === 0) addChecksum(memory, crc);
    fold(length);
    memory.copyWithin(START, START + length, MESSAGE + length);
  }
  const rest = memory.subarray(MESSAGE, MESSAGE + bytes.length - folded);
  rest.set(bytes.subarray(folded));
  for (const distance of DISTANCES) {
    for (let i = 0; i < distance; i++) rest[i] = (rest[i] as number) ^ (memory[MESSAGE + i - distance] as number);
  }
  // ~0 undoes the inversion at the start, which addChecksum() has applied already.
  return crc32cByTables(rest, ~0);
}

/** Adds the checksum of earlier bytes to the first four of the message, which comes to the same. */
function addChecksum(memory: Uint8Array, crc: number): void {
  const view = new DataView(memory.buffer, MESSAGE);
  view.setUint32(0, view.getUint32(0, true) ^ ~crc, true);
}
