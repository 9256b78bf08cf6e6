import { concatBytes } from "@tfsaver/core/coding";
import { type BlockHandle, encodeTrailer } from "./format.js";
import { TableWriter } from "./table-writer.js";

/** A table in memory, whose values may be written over as long as they keep their lengths. */
export class TableImage {
  private constructor(
    /** The file as it is to be written. */
    readonly bytes: Uint8Array,
    /** Where in {@link TableImage.bytes} the value of each entry starts, in the order of the entries. */
    readonly valueOffsets: readonly number[],
    private readonly dataBlocks: readonly BlockHandle[],
  ) {}

  /**
   * The table of these entries, in ascending order of their keys.
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

  /** To be called once values have been written over: computes the checksums of their blocks anew. */
  seal(): void {
    for (const { offset, size } of this.dataBlocks) {
      const end = offset + size;
      this.bytes.set(encodeTrailer(this.bytes.subarray(offset, end)), end);
    }
  }
}
