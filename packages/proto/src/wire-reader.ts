import { DataLossError } from "@tfsaver/core";
import { KnownTexts } from "./known-texts.js";

/** How deep messages may be in messages: the limit of protobuf's own parsers. */
export const DEPTH_LIMIT = 100;

/** The kinds of fields that differ in how their end is found. */
const [VARINT, FIXED64, DELIMITED, START_GROUP, END_GROUP, FIXED32] = [0, 1, 2, 3, 4, 5];
/** Bytes of the longest varint. */
const LONGEST = 10;
const TWO_TO_32 = 2 ** 32;
const NO_BYTES = new Uint8Array();
/** In a message of more bytes, such as a graph, many texts come more than once. */
const LARGE = 64 << 10;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const loose = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Reads the fields of protobuf messages. Its methods are named as protobuf's types are; all throw an `Error` that says
 * what is wrong, and none reads beyond the message that it is in.
 */
export class WireReader {
  /** Where the next read starts. */
  pos = 0;
  /** Where the message that is being read ends. */
  end: number;
  readonly #view: DataView;
  readonly #known: KnownTexts | undefined;
  #depth: number;
  /** The halves of the number of 64 bits that was read last, both unsigned. */
  #low = 0;
  #high = 0;

  /** @param depth - how deep the message is in others that were read before */
  constructor(
    private readonly bytesOfAll: Uint8Array,
    depth = 0,
  ) {
    this.end = bytesOfAll.length;
    this.#view = new DataView(bytesOfAll.buffer, bytesOfAll.byteOffset, bytesOfAll.length);
    this.#depth = depth;
    if (bytesOfAll.length > LARGE) this.#known = new KnownTexts(bytesOfAll);
    if (depth > DEPTH_LIMIT) throw tooDeep();
  }

  /** A field's number and kind, as they stand before it. */
  tag(): number {
    const first = this.#oneByte();
    return first >= 0 ? first : this.#short(0x0f, "a tag");
  }

  /** The length of what follows, all of which is there. */
  size(): number {
    const first = this.#oneByte();
    const size = first >= 0 ? first : this.#short(0x07, "a length");
    if (size > this.end - this.pos) throw cutOff();
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
    return this.#low !== 0 || this.#high !== 0;
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
   * A number of 64 bits that is to be a JavaScript number.
   *
   * @param field - what it is, for the error if it can't be one exactly
   */
  safeInt64(field: string): number {
    this.#varint64();
    const value = (this.#high | 0) * TWO_TO_32 + this.#low;
    if (Number.isSafeInteger(value)) return value;
    throw new DataLossError(`${field} is ${this.#signed()}, beyond 2^53`);
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

  /** The bytes themselves, not a copy. */
  bytes(): Uint8Array {
    const size = this.size();
    const start = this.#skip(size);
    return size === 0 ? NO_BYTES : this.bytesOfAll.subarray(start, this.pos);
  }

  string(): string {
    return this.#text(strict);
  }

  /** A text that need not be valid, as none had to before proto3. */
  looseString(): string {
    return this.#text(loose);
  }

  /** Begins a message inside the one that is being read; gives what {@link WireReader.leave} takes. */
  enter(): number {
    if (++this.#depth > DEPTH_LIMIT) throw tooDeep();
    return this.enterList();
  }

  /** Goes on with the message around the one that has been read. */
  leave(end: number): void {
    this.#depth--;
    this.leaveList(end);
  }

  /** Begins a list of numbers; gives what {@link WireReader.leaveList} takes. */
  enterList(): number {
    const { end } = this;
    const size = this.size();
    this.end = this.pos + size;
    return end;
  }

  /** Goes on with the message that the list is in. */
  leaveList(end: number): void {
    this.end = end;
  }

  /** Goes over a field that nobody knows, and puts it, from its tag at `start` on, to the others. */
  unknown(others: Uint8Array[] | undefined, start: number, tag: number): Uint8Array[] {
    this.skip(tag);
    const field = this.bytesOfAll.subarray(start, this.pos);
    if (others === undefined) return [field];
    others.push(field);
    return others;
  }

  /** Goes over a field. */
  skip(tag: number): void {
    if (tag >>> 3 === 0) throw new Error("there is no field 0");
    const kind = tag & 7;
    if (kind === VARINT) this.#varint64();
    else if (kind === FIXED64) this.#skip(8);
    else if (kind === DELIMITED) this.#skip(this.size());
    else if (kind === START_GROUP) this.#skipGroup(tag);
    else if (kind === FIXED32) this.#skip(4);
    else throw new Error(`there is no field of kind ${kind}`);
  }

  #skipGroup(start: number): void {
    if (++this.#depth > DEPTH_LIMIT) throw tooDeep();
    for (;;) {
      const tag = this.tag();
      if ((tag & 7) !== END_GROUP) this.skip(tag);
      else if (tag >>> 3 === start >>> 3) break;
      else throw new Error("a group ends that has not begun");
    }
    this.#depth--;
  }

  /** Goes over so many bytes, and gives where they start. */
  #skip(count: number): number {
    const start = this.pos;
    if (count > this.end - start) throw cutOff();
    this.pos = start + count;
    return start;
  }

  /** A varint of one byte, as nearly all are; of a longer one nothing is read, and it gives -1. */
  #oneByte(): number {
    const byte = this.pos < this.end ? (this.bytesOfAll[this.pos] as number) : 0x80;
    if (byte > 0x7f) return -1;
    this.pos++;
    return byte;
  }

  /** A varint of at most 32 bits, the highest of which are no more than `most`. */
  #short(most: number, what: string): number {
    const { bytesOfAll: bytes, end } = this;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.pos >= end) throw cutOff();
      const byte = bytes[this.pos++] as number;
      if (shift === 28 && byte > most) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new Error(`${what} is too long`);
  }

  #varint64(): void {
    const { bytesOfAll: bytes, end } = this;
    let low = 0;
    let high = 0;
    for (let i = 0; i < LONGEST; i++) {
      if (this.pos >= end) throw cutOff();
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
    throw new Error("a varint is too long");
  }

  #signed(): bigint {
    const high = this.#high | 0;
    // Nearly all are small.
    return high >= -1 && high <= 0 ? BigInt(high * TWO_TO_32 + this.#low) : (BigInt(high) << 32n) | BigInt(this.#low);
  }

  #unsigned(): bigint {
    return this.#high === 0 ? BigInt(this.#low) : (BigInt(this.#high) << 32n) | BigInt(this.#low);
  }

  #text(decoder: TextDecoder): string {
    const size = this.size();
    const start = this.#skip(size);
    if (size === 0) return "";
    const known = this.#known;
    return known === undefined
      ? decoder.decode(this.bytesOfAll.subarray(start, this.pos))
      : known.get(start, this.pos, decoder);
  }
}

function cutOff(): Error {
  return new Error("they are cut off");
}

function tooDeep(): Error {
  return new Error(`messages are in one another more than ${DEPTH_LIMIT} deep`);
}
