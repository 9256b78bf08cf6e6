/**
 * Reads and writes sorted string tables, which checkpoint files are made of: LevelDB's table format with TensorFlow's block
 * size.
 *
 * @packageDocumentation
 */
export type { Block } from "./block.js";
export type { BlockCursor, TableEntry } from "./block-cursor.js";
export { type BlockHandle, TABLE_MAGIC } from "./format.js";
export { compareBytes } from "./key-order.js";
export { TableImage } from "./table-image.js";
export { type TableBlock, TableReader, type TableReaderOptions } from "./table-reader.js";
export { TableWriter } from "./table-writer.js";
