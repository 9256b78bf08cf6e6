import { ValueError } from "@tfsaver/core";
import { copyBytes, MAX_VARINT_LENGTH, varintLength, writeVarint } from "@tfsaver/core/coding";
import { DEPTH_LIMIT } from "./wire-reader.js";

const TWO_TO_32 = 2 ** 32;
/** Texts of up to this many UTF-16 units are encoded faster by a loop than by `TextEncoder`. */
const SHORT = 1024;
/** Maximum number of bytes of a UTF-16 unit in UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

/** The largest message, in bytes, with room for the number that is written last. */
const MAX_LENGTH = 2 ** 31 + MAX_VARINT_LENGTH;

/** Shared buffer in which most messages fit. They are copied out of it at the end. */
const scratch = new Uint8Array(16 << 10);

const encoder = new TextEncoder();

/** Writes the fields of protobuf messages. Its methods are named as protobuf's types. */
export class WireWriter {
  #bytes: Uint8Array = scratch;
  #pos = 0;
  #view: DataView | undefined;
  #depth = 0;

  /** Returns the bytes that were written. The writer can't be used afterwards. */
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

  /**
   * Writes a 64-bit integer, signed or unsigned.
   *
   * @throws `ValueError` if it does not fit into 64 bits.
   */
  int64(value: bigint): void {
    if (value >= 0n && value <= Number.MAX_SAFE_INTEGER) {
      this.#varint(Number(value));
      return;
    }
    if (value < -(2n ** 63n) || value >= 2n ** 64n) throw new ValueError(`${value} does not fit into 64 bits`);
    this.#halves(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
  }

  /** Writes an unsigned integer. Throws as {@link WireWriter.int64}. */
  uint64(value: bigint): void {
    this.int64(value);
  }

  /** Writes a zigzag-encoded integer. Throws as {@link WireWriter.int64}. */
  sint64(value: bigint): void {
    this.int64(value < 0n ? -2n * value - 1n : 2n * value);
  }

  /** Writes a 64-bit integer that is a JavaScript number. */
  safeInt64(value: number): void {
    if (value >= 0) this.#varint(value);
    else this.#halves((value % TWO_TO_32) | 0, Math.floor(value / TWO_TO_32) | 0);
  }

  fixed32(value: number): void {
    this.#fixed(4).setUint32(this.#pos - 4, value, true);
  }

  /** Writes eight bytes. Throws as {@link WireWriter.int64}. */
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

  /**
   * Writes a text.
   *
   * @throws `ValueError` if it contains half of a surrogate pair, which UTF-8 can't encode.
   */
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
   * Writes fields that are encoded already.
   *
   * @throws `ValueError`, as all methods do, if the message becomes larger than 2 GiB.
   */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#pos = copyBytes(bytes, this.#bytes, this.#pos);
  }

  /**
   * Starts a nested message. Pass the result to {@link WireWriter.leave} at its end.
   *
   * @throws `ValueError` if messages are nested too deep to be read again.
   */
  enter(): number {
    if (++this.#depth > DEPTH_LIMIT) {
      throw new ValueError(`Messages can't be nested more than ${DEPTH_LIMIT} levels deep`);
    }
    return this.enterList();
  }

  /** Returns to the outer message. */
  leave(start: number): void {
    this.#depth--;
    this.leaveList(start);
  }

  /** Starts a packed list. Pass the result to {@link WireWriter.leaveList} at its end. */
  enterList(): number {
    this.#reserve(1);
    return this.#pos++;
  }

  /** Writes the length before the list. One byte was reserved for it; if it needs more, the list moves. */
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
      throw new ValueError(`Can't encode a text with half of a surrogate pair: ${JSON.stringify(text)}`);
    }
    const start = this.enterList();
    const most = MAX_BYTES_PER_UNIT * text.length;
    this.#reserve(most);
    this.#pos += encoder.encodeInto(text, this.#bytes.subarray(this.#pos)).written;
    this.leaveList(start);
  }

  /** Writes a non-negative safe integer. */
  #varint(value: number): void {
    this.#reserve(MAX_VARINT_LENGTH);
    if (value < 0x80) this.#bytes[this.#pos++] = value;
    else this.#pos = writeVarint(this.#bytes, this.#pos, value);
  }

  /** Writes a 64-bit varint from its halves. */
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

  /** Reserves `size` bytes, moves behind them, and returns the view to write them with. */
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
