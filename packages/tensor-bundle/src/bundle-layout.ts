import { type DType, isNumeric, type NumericData, type Shape, shapesEqual, type Tensor } from "@tfsaver/core";
import type { TableImage } from "@tfsaver/sstable";
import { LARGEST_KEPT } from "./index-file.js";
import { readPlainEntry } from "./plain-entry.js";
import type { EncodedIndex } from "./write-index.js";

/** Bytes of a checksum, the last field of an entry. */
const CRC_SIZE = 4;

/** One tensor, or a part of one. */
interface Place {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Bytes in the data file. */
  readonly size: number;
  /** Where in the index its checksum is. */
  readonly checksumOffset: number;
}

/** What a bundle shares with the next one of the same tensors: all of its index but the checksums. */
export class BundleLayout {
  readonly #checksums: DataView;

  private constructor(
    private readonly index: TableImage,
    private readonly places: readonly Place[],
  ) {
    const { buffer, byteOffset, length } = index.bytes;
    this.#checksums = new DataView(buffer, byteOffset, length);
  }

  /**
   * The layout of a bundle that was written.
   *
   * @param index - whose first rows are those of `tensors`
   * @returns `undefined` if the next bundle may lie otherwise: strings have other lengths then
   */
  static of({ table, rows, entryOffsets }: EncodedIndex, tensors: readonly Tensor[]): BundleLayout | undefined {
    if (table.bytes.length > LARGEST_KEPT || !tensors.every(({ dtype }) => isNumeric(dtype))) return undefined;
    const places: Place[] = [];
    for (const [i, { dtype, shape }] of tensors.entries()) {
      const { entry } = rows[i] as EncodedIndex["rows"][number];
      const fields = readPlainEntry(entry);
      // A checksum of zero is left out.
      if (fields === undefined || fields.crc32c === 0) return undefined;
      const { size } = fields;
      const checksumOffset = (entryOffsets[i] as number) + entry.length - CRC_SIZE;
      places.push({ dtype, shape: shape.slice(), size, checksumOffset });
    }
    return new BundleLayout(table, places);
  }

  /** Whether a bundle of these tensors lies as the one before. */
  fits(tensors: readonly Tensor[]): boolean {
    if (tensors.length !== this.places.length) return false;
    for (let i = 0; i < tensors.length; i++) {
      const { dtype, shape, data } = tensors[i] as Tensor;
      const place = this.places[i] as Place;
      if (dtype !== place.dtype || (data as NumericData).byteLength !== place.size) return false;
      if (!shapesEqual(shape, place.shape)) return false;
    }
    return true;
  }

  /** Notes the checksum of a tensor, masked; not that of 0, for which there is no room. */
  setChecksum(tensor: number, maskedCrc32c: number): boolean {
    if (maskedCrc32c === 0) return false;
    this.#checksums.setUint32((this.places[tensor] as Place).checksumOffset, maskedCrc32c, true);
    return true;
  }

  /** The content of the index with the checksums that were noted, as it is until the next are. */
  encode(): Uint8Array {
    this.index.seal();
    return this.index.bytes;
  }
}
