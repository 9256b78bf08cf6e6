import { compareBytes, TableWriter } from "@tfsaver/sstable";
import { createAtomically, type FileInProgress, type Storage, temporarySuffix } from "@tfsaver/storage";
import { encodeHeader, type NewHeader } from "./header.js";
import { HEADER_KEY, indexFilename } from "./names.js";

/** An entry with the key it is stored under. */
export interface IndexRow {
  readonly key: Uint8Array;
  readonly entry: Uint8Array;
}

/** Writes an index under a temporary name; the caller commits or discards it. Rows may come in any order. */
export async function writeIndex(
  storage: Storage,
  prefix: string,
  header: NewHeader,
  rows: Iterable<IndexRow>,
): Promise<FileInProgress> {
  const index = await createAtomically(storage, indexFilename(prefix), temporarySuffix());
  try {
    const table = new TableWriter(index.file);
    table.add(HEADER_KEY, encodeHeader(header));
    for (const { key, entry } of [...rows].sort((a, b) => compareBytes(a.key, b.key))) table.add(key, entry);
    await table.finish();
    return index;
  } catch (error) {
    await index.discard();
    throw error;
  }
}
