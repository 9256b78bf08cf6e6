import { DataLossError } from "./errors.js";

/** Most bytes that a varint of a 64-bit number takes. */
export const MAX_VARINT_LENGTH = 10;

const MAX_INT32 = 0x7fffffff;

/** Number of bytes that `value` takes as a varint. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
  return length;
}

/**
 * Writes `value`, a non-negative safe integer, as a varint (base 128, low bits first, the top bit of a byte says that
 * another follows), and returns the offset behind it. `target` must have room.
 */
export function writeVarint(target: Uint8Array, offset: number, value: number): number {
  let at = offset;
  let rest = value;
  // Below 2^31, the engine's own integers do.
  for (; rest >= 0x80 && rest <= MAX_INT32; rest >>>= 7) target[at++] = (rest & 0x7f) | 0x80;
  while (rest >= 0x80) {
    target[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  target[at++] = rest;
  return at;
}

/** Reads varints one after another from `bytes`, never past `end`. */
export class VarintReader {
  /** Where the next read starts. */
  offset: number;

  constructor(
    private readonly bytes: Uint8Array,
    offset = 0,
    private readonly end = bytes.length,
  ) {
    this.offset = offset;
  }

  /**
   * The next varint.
   *
   * @throws {@link DataLossError} if it is cut off, longer than a 64-bit number's, or beyond the safe integers.
   */
  next(): number {
    const first = this.bytes[this.offset] as number;
    // Nearly all are this short.
    if (first < 0x80 && this.offset < this.end) {
      this.offset++;
      return first;
    }
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MAX_VARINT_LENGTH; i++) {
      if (this.offset >= this.end) throw new DataLossError("a varint is cut off");
      const byte = this.bytes[this.offset++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) throw new DataLossError("a varint is too large");
        return value;
      }
      scale *= 0x80;
    }
    throw new DataLossError("Stored data is too large to be a varint64.");
  }

  /**
   * The next varint as the 64 bits that it stands for, unsigned.
   *
   * @throws {@link DataLossError} if it is cut off or longer than a 64-bit number's.
   */
  nextBits(): bigint {
    let bits = 0n;
    for (let i = 0; i < MAX_VARINT_LENGTH; i++) {
      if (this.offset >= this.end) throw new DataLossError("a varint is cut off");
      const byte = this.bytes[this.offset++] as number;
      bits |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return BigInt.asUintN(64, bits);
    }
    throw new DataLossError("Stored data is too large to be a varint64.");
  }
}
