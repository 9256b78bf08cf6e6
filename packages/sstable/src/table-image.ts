import { concatBytes } from "@tfsaver/core/coding";
import { type BlockHandle, encodeTrailer } from "./format.js";
import { TableWriter } from "./table-writer.js";

/** A table in memory. Its values may be overwritten by others of the same length. */
export class TableImage {
  private constructor(
    /** The content of the file. */
    readonly bytes: Uint8Array,
    /** Offset in {@link TableImage.bytes} of each value, in the order of the entries. */
    readonly valueOffsets: readonly number[],
    private readonly dataBlocks: readonly BlockHandle[],
  ) {}

  /**
   * Makes a table from entries, which must be in ascending order of their keys.
   *
   * @throws `InvalidArgumentError` if they are not.
   */
  static async of(entries: Iterable<readonly [key: Uint8Array, value: Uint8Array]>): Promise<TableImage> {
    const chunks: Uint8Array[] = [];
    const write = async (written: readonly Uint8Array[]) => {
      for (const chunk of written) chunks.push(chunk);
    };
    const table = new TableWriter({ write });
    const valueOffsets: number[] = [];
    for (const [key, value] of entries) valueOffsets.push(table.add(key, value));
    await table.finish();
    return new TableImage(concatBytes(chunks), valueOffsets, table.dataBlocks);
  }

  /** Recomputes the checksums of the blocks. Call it after overwriting values. */
  seal(): void {
    for (const { offset, size } of this.dataBlocks) {
      const end = offset + size;
      this.bytes.set(encodeTrailer(this.bytes.subarray(offset, end)), end);
    }
  }
}
