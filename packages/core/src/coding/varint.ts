import { DataLossError } from "../errors.js";

/** Length of the longest varint of a 64-bit number, in bytes. */
export const MAX_VARINT_LENGTH = 10;

const MAX_INT32 = 0x7fffffff;

/** Returns the number of bytes that `value` takes as a varint. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
  return length;
}

/**
 * Writes `value`, a non-negative safe integer, as a varint: base 128, low bits first, with the top bit set in every byte but
 * the last. Returns the offset behind it. `target` must have room.
 */
export function writeVarint(target: Uint8Array, offset: number, value: number): number {
  let at = offset;
  let rest = value;
  // Below 2^31, shifts work on the engine's small integers, which is faster than division.
  for (; rest >= 0x80 && rest <= MAX_INT32; rest >>>= 7) target[at++] = (rest & 0x7f) | 0x80;
  while (rest >= 0x80) {
    target[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  target[at++] = rest;
  return at;
}

/** Reads one varint after another from `bytes`, never past `end`. */
export class VarintReader {
  /** Offset at which the next read starts. */
  offset: number;

  constructor(
    private readonly bytes: Uint8Array,
    offset = 0,
    private readonly end = bytes.length,
  ) {
    this.offset = offset;
  }

  /**
   * Reads the next varint.
   *
   * @throws {@link DataLossError} if it is truncated, longer than 64 bits allow, or above 2⁵³ − 1.
   */
  next(): number {
    const first = this.bytes[this.offset] as number;
    // Nearly all varints are one byte long.
    if (first < 0x80 && this.offset < this.end) {
      this.offset++;
      return first;
    }
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MAX_VARINT_LENGTH; i++) {
      if (this.offset >= this.end) throw new DataLossError("a varint is truncated");
      const byte = this.bytes[this.offset++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) throw new DataLossError("a varint is above 2^53 - 1");
        return value;
      }
      scale *= 0x80;
    }
    throw new DataLossError("Stored data is too large to be a varint64.");
  }

  /**
   * Skips the value of a protobuf field.
   *
   * @param wireType - the low three bits of the field's tag
   * @throws {@link DataLossError} if it is truncated, or of an unknown type. Groups count as unknown.
   */
  skipField(wireType: number): void {
    switch (wireType) {
      case 0:
        this.nextBits();
        break;
      case 1:
        this.offset += 8;
        break;
      case 2: {
        const length = this.next();
        this.offset += length;
        break;
      }
      case 5:
        this.offset += 4;
        break;
      default:
        throw new DataLossError(`a field has the unknown wire type ${wireType}`);
    }
    if (this.offset > this.end) throw new DataLossError("a field is truncated");
  }

  /**
   * Reads the next varint as an unsigned 64-bit number.
   *
   * @throws {@link DataLossError} if it is truncated or longer than 64 bits allow.
   */
  nextBits(): bigint {
    let bits = 0n;
    for (let i = 0; i < MAX_VARINT_LENGTH; i++) {
      if (this.offset >= this.end) throw new DataLossError("a varint is truncated");
      const byte = this.bytes[this.offset++] as number;
      bits |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return BigInt.asUintN(64, bits);
    }
    throw new DataLossError("Stored data is too large to be a varint64.");
  }
}
