import { ALL_DTYPES, dtypeInfo } from "@tfsaver/core";

/** Bytes per element, by the number of the dtype. */
const WIDTHS: number[] = [];
for (const dtype of ALL_DTYPES) WIDTHS[dtypeInfo(dtype).enumValue] = dtypeInfo(dtype).size;

/** Tags of the fields of `BundleEntryProto`, then of its shape and of a dimension. */
const [DTYPE, SHAPE, SHARD, OFFSET, SIZE, CRC32C, SLICES] = [0x08, 0x12, 0x18, 0x20, 0x28, 0x35, 0x3a];
const [DIM, DIM_SIZE] = [0x12, 0x08];
const CRC_SIZE = 4;

/**
 * Reads from index entries where data ends, and nothing else. One object serves all entries of an index, so that a checkpoint
 * of many tensors is checked in a fraction of the time of its save.
 */
export class DataExtent {
  /** Number of the data file. */
  shard = 0;
  /** Byte offset in that file behind the data; 0 if there is none. */
  end = 0;
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;

  /**
   * Reads the entry at bytes `start` to `end`.
   *
   * @returns false if the entry has another form than nearly all have, or its values contradict each other
   */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    this.#bytes = bytes;
    this.#at = start;
    const width = WIDTHS[this.#field(DTYPE)];
    const elements = bytes[this.#at] === SHAPE ? this.#elements() : 1;
    this.shard = this.#field(SHARD);
    const offset = this.#field(OFFSET);
    const size = this.#field(SIZE);
    this.end = size === 0 ? 0 : offset + size;
    // The data of a partitioned tensor has entries of its own.
    if (bytes[this.#at] === SLICES && this.#at < end) return size === 0;
    if (bytes[this.#at] === CRC32C) this.#at += 1 + CRC_SIZE;
    if (this.#at !== end || width === undefined || !Number.isSafeInteger(this.end + this.shard + elements))
      return false;
    return width > 0 ? size === elements * width : size >= elements;
  }

  #elements(): number {
    this.#at++;
    const length = this.#varint();
    const end = this.#at + length;
    let elements = 1;
    while (this.#at < end) {
      if (this.#bytes[this.#at++] !== DIM) return Number.NaN;
      const dimLength = this.#varint();
      const dimEnd = this.#at + dimLength;
      elements *= this.#field(DIM_SIZE);
      if (this.#at !== dimEnd) return Number.NaN;
    }
    return elements;
  }

  #field(tag: number): number {
    if (this.#bytes[this.#at] !== tag) return 0;
    this.#at++;
    return this.#varint();
  }

  /** Returns NaN at the end of the bytes. */
  #varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined || scale > Number.MAX_SAFE_INTEGER) return Number.NaN;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }
}
