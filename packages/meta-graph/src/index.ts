/**
 * Meta graphs: a graph with its collections and saver in one file.
 *
 * @packageDocumentation
 */
export { AnyMessage } from "./collection-defs.js";
export { type ExportMetaGraphOptions, exportMetaGraph } from "./export.js";
export { type MetaGraphFileOptions, readMetaGraph, writeMetaGraph } from "./files.js";
export { type ImportedMetaGraph, type ImportMetaGraphOptions, importMetaGraph } from "./import.js";
