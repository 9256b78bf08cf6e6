import { DataLossError } from "@tfsaver/core";
import type { KnownTexts } from "./known-texts.js";

/** Maximum nesting depth of messages, which is that of protobuf's own parsers. */
export const DEPTH_LIMIT = 100;

/** Wire types. */
const [VARINT, FIXED64, DELIMITED, START_GROUP, END_GROUP, FIXED32] = [0, 1, 2, 3, 4, 5];
/** Length of the longest varint in bytes. */
const LONGEST = 10;
const TWO_TO_32 = 2 ** 32;
export const NO_BYTES: Uint8Array = new Uint8Array();

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const loose = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Reads the fields of protobuf messages. Its methods are named as protobuf's types. All throw an `Error` for malformed bytes,
 * and none reads beyond the end of the current message.
 */
export class WireReader {
  /** Offset of the next read. */
  pos = 0;
  /** Offset of the end of the current message. */
  end: number;
  readonly #view: DataView;
  readonly #known: KnownTexts | undefined;
  #depth: number;
  /** The unsigned halves of the 64-bit number that was read last. */
  #low = 0;
  #high = 0;

  /**
   * @param depth - nesting depth of the message
   * @param known - returns texts that were read before
   */
  constructor(
    private readonly source: Uint8Array,
    depth = 0,
    known?: KnownTexts,
  ) {
    this.end = source.length;
    this.#view = new DataView(source.buffer, source.byteOffset, source.length);
    this.#depth = depth;
    this.#known = known;
    if (depth > DEPTH_LIMIT) throw tooDeep();
  }

  /** Reads a tag: a field's number and wire type. */
  tag(): number {
    const first = this.#oneByte();
    return first >= 0 ? first : this.#short(0x0f);
  }

  /** Reads a length, and checks that so many bytes follow. */
  size(): number {
    const first = this.#oneByte();
    const size = first >= 0 ? first : this.#short(0x07);
    if (size > this.end - this.pos) throw truncated();
    return size;
  }

  uint32(): number {
    const first = this.#oneByte();
    if (first >= 0) return first;
    this.#varint64();
    return this.#low;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  bool(): boolean {
    this.#varint64();
    return (this.#low | this.#high) !== 0;
  }

  int64(): bigint {
    this.#varint64();
    return this.#signed();
  }

  uint64(): bigint {
    this.#varint64();
    return this.#unsigned();
  }

  sint64(): bigint {
    const bits = this.uint64();
    return (bits >> 1n) ^ -(bits & 1n);
  }

  /**
   * Reads a 64-bit number as a JavaScript number.
   *
   * @param field - name of the field, for the error
   * @throws `DataLossError` if the number is not a safe integer.
   */
  safeInt64(field: string): number {
    this.#varint64();
    const value = (this.#high | 0) * TWO_TO_32 + this.#low;
    if (Number.isSafeInteger(value)) return value;
    throw new DataLossError(`${field} is ${this.#signed()}, which is not a safe integer`);
  }

  fixed32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  fixed64(): bigint {
    return this.#view.getBigUint64(this.#skip(8), true);
  }

  float(): number {
    return this.#view.getFloat32(this.#skip(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#skip(8), true);
  }

  /** Reads bytes as a view, not a copy. */
  bytes(): Uint8Array {
    const start = this.#skip(this.size());
    return start === this.pos ? NO_BYTES : this.source.subarray(start, this.pos);
  }

  string(): string {
    return this.#text(strict);
  }

  /** Reads a text that may be invalid UTF-8, as proto2 allows. */
  looseString(): string {
    return this.#text(loose);
  }

  /** Starts a nested message. Pass the result to {@link WireReader.leave} at its end. */
  enter(): number {
    if (++this.#depth > DEPTH_LIMIT) throw tooDeep();
    return this.enterList();
  }

  /** Returns to the outer message. */
  leave(end: number): void {
    this.#depth--;
    this.end = end;
  }

  /** Starts a packed list. Pass the result to {@link WireReader.leaveList} at its end. */
  enterList(): number {
    const { end } = this;
    // In this order: `size` moves `pos`.
    this.end = this.size() + this.pos;
    return end;
  }

  /** Returns to the message of the list. */
  leaveList(end: number): void {
    this.end = end;
  }

  /** Skips an unknown field and adds it, from its tag at `start` on, to the unknown fields of `message`. */
  unknown(message: { unknownFields?: Uint8Array[] | undefined }, start: number, tag: number): void {
    this.skip(tag);
    message.unknownFields ??= [];
    message.unknownFields.push(this.source.subarray(start, this.pos));
  }

  /** Skips a field. */
  skip(tag: number): void {
    if (tag >>> 3 === 0) throw new Error("a field has the invalid number 0");
    const wireType = tag & 7;
    if (wireType === VARINT) this.#varint64();
    else if (wireType === FIXED64) this.#skip(8);
    else if (wireType === DELIMITED) this.#skip(this.size());
    else if (wireType === START_GROUP) this.#skipGroup(tag);
    else if (wireType === FIXED32) this.#skip(4);
    else throw new Error(`a field has the invalid wire type ${wireType}`);
  }

  #skipGroup(start: number): void {
    if (++this.#depth > DEPTH_LIMIT) throw tooDeep();
    for (;;) {
      const tag = this.tag();
      if ((tag & 7) !== END_GROUP) this.skip(tag);
      else if (tag >>> 3 === start >>> 3) break;
      else throw new Error("a group ends that was not started");
    }
    this.#depth--;
  }

  /** Skips `count` bytes and returns the offset of the first. */
  #skip(count: number): number {
    const start = this.pos;
    if (count > this.end - start) throw truncated();
    this.pos = start + count;
    return start;
  }

  /** Reads a varint of one byte, as nearly all are. Returns -1 and reads nothing if it is longer. */
  #oneByte(): number {
    const byte = this.pos < this.end ? (this.source[this.pos] as number) : 0x80;
    if (byte > 0x7f) return -1;
    this.pos++;
    return byte;
  }

  /** Reads a varint of at most 32 bits, whose fifth byte is at most `most`. */
  #short(most: number): number {
    const { source: bytes, end } = this;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.pos >= end) throw truncated();
      const byte = bytes[this.pos++] as number;
      if (shift === 28 && byte > most) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw tooLong();
  }

  #varint64(): void {
    const { source: bytes, end } = this;
    let low = 0;
    let high = 0;
    for (let i = 0; i < LONGEST; i++) {
      if (this.pos >= end) throw truncated();
      const byte = bytes[this.pos++] as number;
      const shift = 7 * i;
      if (shift < 32) low |= (byte & 0x7f) << shift;
      if (shift > 28) high |= (byte & 0x7f) << (shift - 32);
      else if (shift === 28) high |= (byte & 0x7f) >>> 4;
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    throw tooLong();
  }

  #signed(): bigint {
    const high = this.#high | 0;
    // Nearly all numbers are small, and then one conversion is enough.
    return high >= -1 && high <= 0 ? BigInt(high * TWO_TO_32 + this.#low) : (BigInt(high) << 32n) | BigInt(this.#low);
  }

  #unsigned(): bigint {
    return this.#high === 0 ? BigInt(this.#low) : (BigInt(this.#high) << 32n) | BigInt(this.#low);
  }

  #text(decoder: TextDecoder): string {
    const start = this.#skip(this.size());
    if (start === this.pos) return "";
    const known = this.#known;
    return known ? known.get(start, this.pos, decoder) : decoder.decode(this.source.subarray(start, this.pos));
  }
}

function truncated(): Error {
  return new Error("the message is truncated");
}

function tooLong(): Error {
  return new Error("a varint is too long");
}

function tooDeep(): Error {
  return new Error(`messages are nested more than ${DEPTH_LIMIT} levels deep`);
}
