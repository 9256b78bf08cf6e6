import { indexFilename, temporaryFilename } from "@tfsaver/checkpoint-names";
import { compareBytes, TableImage } from "@tfsaver/sstable";
import { createAtomically, type FileInProgress, type Storage } from "@tfsaver/storage";
import { encodeHeader, type NewHeader } from "../encode/header.js";
import { HEADER_KEY } from "../encode/index-keys.js";

/** An index entry and its key. */
export interface IndexRow {
  readonly key: Uint8Array;
  readonly entry: Uint8Array;
}

/** An index in memory. */
export interface EncodedIndex {
  readonly table: TableImage;
  /** The rows in the order in which they were passed. */
  readonly rows: readonly IndexRow[];
  /** For each row, the byte offset of its entry in the table. */
  readonly entryOffsets: readonly number[];
}

/** Encodes an index. The rows may come in any order. */
export async function encodeIndex(header: NewHeader, rows: readonly IndexRow[]): Promise<EncodedIndex> {
  const row = (index: number) => rows[index] as IndexRow;
  const order = [...rows.keys()].sort((a, b) => compareBytes(row(a).key, row(b).key));
  const sorted = order.map((index) => [row(index).key, row(index).entry] as const);
  const table = await TableImage.of([[HEADER_KEY, encodeHeader(header)], ...sorted]);
  const entryOffsets = new Array<number>(rows.length);
  for (const [place, index] of order.entries()) entryOffsets[index] = table.valueOffsets[place + 1] as number;
  return { table, rows, entryOffsets };
}

/** Writes an index under a temporary name. The caller commits or discards it. */
export async function writeIndex(storage: Storage, prefix: string, content: Uint8Array): Promise<FileInProgress> {
  const path = indexFilename(prefix);
  const index = await createAtomically(storage, path, temporaryFilename(path));
  try {
    await index.file.write([content]);
    return index;
  } catch (error) {
    await index.discard();
    throw error;
  }
}
