import { crc32cByTables } from "./crc32c-tables.js";
import { compileFolding } from "./folding-module.js";

/**
 * A message is a polynomial, its first bit the highest power, and its checksum what is left when it is divided by that
 * of CRC-32C. x^5275 + x^4508 + x^2751 + 1 is divisible by that polynomial, so it may be subtracted any number of times.
 * It stays divisible with x^8 for x, as squaring a polynomial over two elements squares its powers. So a byte of a
 * message may be taken away if it is added (xor) to those 767, 2524 and 5275 bytes further on: no tables, no carries, 16
 * bytes at once. The idea is that of Chorba (Russell, Chorba: A novel CRC32 implementation, 2024), who found such
 * multiples for the other CRC-32; no shorter one of four powers exists for this one.
 */
const DISTANCES = [767, 2524, 5275] as const;
/** What is taken away is remembered as long as it may still have to be added to something. */
const HISTORY = 5275;
/** With the history before it, the message starts at a multiple of 16 in the module's memory. */
const START = 5;
const MESSAGE = START + HISTORY;
/** Bytes folded per call, a multiple of {@link STEP} that stays in a processor's second cache. */
const PIECE = 128 << 10;
/** Bytes that the module folds per step. */
const STEP = 32;

/** What is left in the end goes through tables byte by byte, so folding pays off only well above that. */
export const LEAST_TO_FOLD = 48 << 10;

interface Folding {
  readonly memory: Uint8Array;
  /** Completes `length` bytes of {@link memory} from `MESSAGE` on by adding to each what was taken away before it. */
  fold(length: number): void;
}

/** `null`: WebAssembly with vectors is not there, or a page's policy forbids it. */
let folding: Folding | null | undefined;

function start(): Folding | null {
  try {
    const { memory, fold } = compileFolding(DISTANCES, PIECE + MESSAGE);
    return { memory: new Uint8Array(memory.buffer), fold: (length) => fold(START, START + length) };
  } catch {
    return null;
  }
}

/** As `crc32c`, several times as fast as tables; `bytes` must be at least {@link LEAST_TO_FOLD}. */
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
  // The start of the message has had the inversion that comes with a first checksum of 0.
  return crc32cByTables(rest, ~0);
}

/** The checksum of what came before is as good as added to the first four bytes. */
function addChecksum(memory: Uint8Array, crc: number): void {
  const view = new DataView(memory.buffer, MESSAGE);
  view.setUint32(0, view.getUint32(0, true) ^ ~crc, true);
}
