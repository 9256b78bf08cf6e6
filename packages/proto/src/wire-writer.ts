import { ValueError } from "@tfsaver/core";
import { copyBytes, MAX_VARINT_LENGTH, varintLength, writeVarint } from "@tfsaver/core/coding";
import { DEPTH_LIMIT } from "./wire-reader.js";

const TWO_TO_32 = 2 ** 32;
/** Texts up to this many characters are written faster here than by a call of the engine. */
const SHORT = 1024;
/** Bytes that a character takes at the most. */
const MOST_OF_A_CHARACTER = 3;

/** The largest message, in bytes, with room for the number that is written last. */
const MAX_LENGTH = 2 ** 31 + MAX_VARINT_LENGTH;

/** Most messages have room in here, before they are copied. */
const scratch = new Uint8Array(16 << 10);

const encoder = new TextEncoder();

/** Writes the fields of protobuf messages. Its methods are named as protobuf's types are. */
export class WireWriter {
  #bytes: Uint8Array = scratch;
  #pos = 0;
  #view: DataView | undefined;
  #depth = 0;

  /** What was written. The writer is of no use afterwards. */
  finish(): Uint8Array {
    return this.#bytes === scratch ? scratch.slice(0, this.#pos) : this.#bytes.subarray(0, this.#pos);
  }

  uint32(value: number): void {
    this.#varint(value >>> 0);
  }

  int32(value: number): void {
    const integer = value | 0;
    if (integer >= 0) this.#varint(integer);
    else this.#halves(integer, -1);
  }

  bool(value: boolean): void {
    this.#varint(value ? 1 : 0);
  }

  /** @throws `ValueError` if it does not fit into 64 bits. */
  int64(value: bigint): void {
    if (value >= 0n && value <= Number.MAX_SAFE_INTEGER) {
      this.#varint(Number(value));
      return;
    }
    if (value < -(2n ** 63n) || value >= 2n ** 64n) throw new ValueError(`${value} does not fit into 64 bits`);
    this.#halves(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
  }

  /** @throws as {@link WireWriter.int64}. */
  uint64(value: bigint): void {
    this.int64(value);
  }

  /** @throws as {@link WireWriter.int64}. */
  sint64(value: bigint): void {
    this.int64(value < 0n ? -2n * value - 1n : 2n * value);
  }

  /** An integer of a field that is a JavaScript number. */
  safeInt64(value: number): void {
    if (value >= 0) this.#varint(value);
    else this.#halves((value % TWO_TO_32) | 0, Math.floor(value / TWO_TO_32) | 0);
  }

  fixed32(value: number): void {
    this.#fixed(4).setUint32(this.#pos - 4, value, true);
  }

  /** @throws as {@link WireWriter.int64}. */
  fixed64(value: bigint): void {
    if (value < -(2n ** 63n) || value >= 2n ** 64n) throw new ValueError(`${value} does not fit into 64 bits`);
    this.#fixed(8).setBigUint64(this.#pos - 8, BigInt.asUintN(64, value), true);
  }

  float(value: number): void {
    this.#fixed(4).setFloat32(this.#pos - 4, value, true);
  }

  double(value: number): void {
    this.#fixed(8).setFloat64(this.#pos - 8, value, true);
  }

  bytes(value: Uint8Array): void {
    this.#varint(value.length);
    this.raw(value);
  }

  /** @throws `ValueError` if it has half of a surrogate pair, which is no character. */
  string(text: string): void {
    const { length } = text;
    const start = this.#pos;
    if (length <= SHORT) {
      this.#reserve(MAX_VARINT_LENGTH + length);
      const bytes = this.#bytes;
      let at = writeVarint(bytes, start, length);
      let i = 0;
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code > 0x7f) break;
        bytes[at++] = code;
      }
      if (i === length) {
        this.#pos = at;
        return;
      }
    }
    this.#longString(text);
  }

  /**
   * Fields that stand as they are to be written.
   *
   * @throws `ValueError`, as all methods do, if the message becomes larger than 2 GiB.
   */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#pos = copyBytes(bytes, this.#bytes, this.#pos);
  }

  /**
   * Begins a message inside the one that is being written; gives what {@link WireWriter.leave} takes.
   *
   * @throws `ValueError` if messages are in one another too deep to be read.
   */
  enter(): number {
    if (++this.#depth > DEPTH_LIMIT) {
      throw new ValueError(`Messages can't be written that are in one another more than ${DEPTH_LIMIT} deep`);
    }
    return this.enterList();
  }

  /** Goes on with the message around the one that has been written. */
  leave(start: number): void {
    this.#depth--;
    this.leaveList(start);
  }

  /** Begins a list of numbers; gives what {@link WireWriter.leaveList} takes. */
  enterList(): number {
    this.#reserve(1);
    return this.#pos++;
  }

  /** Puts the length before the list, which mostly takes the byte that was left for it. */
  leaveList(start: number): void {
    const first = start + 1;
    const length = this.#pos - first;
    const more = varintLength(length) - 1;
    if (more > 0) {
      this.#reserve(more);
      this.#bytes.copyWithin(first + more, first, this.#pos);
      this.#pos += more;
    }
    writeVarint(this.#bytes, start, length);
  }

  #longString(text: string): void {
    if (/\p{Surrogate}/u.test(text)) {
      throw new ValueError(`A text can't be written because it has half of a surrogate pair: ${JSON.stringify(text)}`);
    }
    const start = this.enterList();
    const most = MOST_OF_A_CHARACTER * text.length;
    this.#reserve(most);
    this.#pos += encoder.encodeInto(text, this.#bytes.subarray(this.#pos)).written;
    this.leaveList(start);
  }

  /** A non-negative safe integer. */
  #varint(value: number): void {
    this.#reserve(MAX_VARINT_LENGTH);
    if (value < 0x80) this.#bytes[this.#pos++] = value;
    else this.#pos = writeVarint(this.#bytes, this.#pos, value);
  }

  /** A number of 64 bits of which these are the halves. */
  #halves(low: number, high: number): void {
    this.#reserve(MAX_VARINT_LENGTH);
    const bytes = this.#bytes;
    let [lower, upper] = [low >>> 0, high >>> 0];
    while (upper > 0 || lower > 0x7f) {
      bytes[this.#pos++] = (lower & 0x7f) | 0x80;
      lower = ((lower >>> 7) | (upper << 25)) >>> 0;
      upper >>>= 7;
    }
    bytes[this.#pos++] = lower;
  }

  /** Makes room for so many bytes, behind which the next field is written. */
  #fixed(size: number): DataView {
    this.#reserve(size);
    this.#pos += size;
    const { buffer, byteOffset, length } = this.#bytes;
    this.#view ??= new DataView(buffer, byteOffset, length);
    return this.#view;
  }

  #reserve(count: number): void {
    const needed = this.#pos + count;
    if (needed <= this.#bytes.length) return;
    if (needed > MAX_LENGTH) throw new ValueError(`A message can't be larger than 2 GiB, the limit of protobuf`);
    const larger = new Uint8Array(Math.max(needed, Math.min(2 * this.#bytes.length, MAX_LENGTH)));
    larger.set(this.#bytes.subarray(0, this.#pos));
    this.#bytes = larger;
    this.#view = undefined;
  }
}
