import { type DType, isNumeric, type NumericData, type Shape, shapesEqual, type Tensor } from "@tfsaver/core";
import type { TableImage } from "@tfsaver/sstable";
import { readPlainEntry } from "../encode/plain-entry.js";
import { MAX_INDEX_IN_MEMORY } from "../read/open-index-file.js";
import type { EncodedIndex } from "./write-index.js";

/** Size in bytes of a checksum, the last field of an entry. */
const CRC_SIZE = 4;

/** A tensor, or a slice of one. */
interface Place {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Bytes in the data file. */
  readonly size: number;
  /** Byte offset of its checksum in the index. */
  readonly checksumOffset: number;
}

/** The index of a bundle, to be reused for the next bundle of the same tensors: only its checksums change. */
export class IndexTemplate {
  readonly #checksums: DataView;

  private constructor(
    private readonly index: TableImage,
    private readonly places: readonly Place[],
  ) {
    const { buffer, byteOffset, length } = index.bytes;
    this.#checksums = new DataView(buffer, byteOffset, length);
  }

  /**
   * Makes a template from the index of a bundle that was written.
   *
   * @param index - its first rows are those of `tensors`
   * @returns `undefined` if the index can't be reused: it is too large, or strings may have other lengths next time
   */
  static of({ table, rows, entryOffsets }: EncodedIndex, tensors: readonly Tensor[]): IndexTemplate | undefined {
    if (table.bytes.length > MAX_INDEX_IN_MEMORY || !tensors.every(({ dtype }) => isNumeric(dtype))) return undefined;
    const places: Place[] = [];
    for (const [i, { dtype, shape }] of tensors.entries()) {
      const { entry } = rows[i] as EncodedIndex["rows"][number];
      const fields = readPlainEntry(entry);
      // Protobuf omits a checksum of zero, so there is no place to overwrite.
      if (fields === undefined || fields.crc32c === 0) return undefined;
      const { size } = fields;
      const checksumOffset = (entryOffsets[i] as number) + entry.length - CRC_SIZE;
      places.push({ dtype, shape: shape.slice(), size, checksumOffset });
    }
    return new IndexTemplate(table, places);
  }

  /** True if the tensors have the dtypes, shapes and sizes of those of the template. */
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

  /** Sets the masked checksum of a tensor. Returns false for 0, which the template has no place for. */
  setChecksum(tensor: number, maskedCrc32c: number): boolean {
    if (maskedCrc32c === 0) return false;
    this.#checksums.setUint32((this.places[tensor] as Place).checksumOffset, maskedCrc32c, true);
    return true;
  }

  /** Returns the content of the index with the checksums that were set. It changes with the next one that is set. */
  encode(): Uint8Array {
    this.index.seal();
    return this.index.bytes;
  }
}
