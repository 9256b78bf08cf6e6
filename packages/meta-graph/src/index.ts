/**
 * Meta graphs: a graph with its collections and saver in one file.
 *
 * @packageDocumentation
 */
export { AnyMessage } from "./any-message.js";
export { type CopyScopedMetaGraphOptions, copyScopedMetaGraph } from "./copy.js";
export { debugInfoOf } from "./debug-info.js";
export {
  type ExportedMetaGraph,
  type ExportMetaGraphOptions,
  exportMetaGraph,
  exportScopedMetaGraph,
} from "./export.js";
export {
  type MetaGraphFileOptions,
  readMetaGraph,
  type WriteMetaGraphOptions,
  writeDebugInfo,
  writeMetaGraph,
} from "./files.js";
export { type ImportedMetaGraph, type ImportMetaGraphOptions, importMetaGraph } from "./import.js";
export { stripSaverDef } from "./saver-defs.js";
export { type WriteGraphOptions, writeGraph } from "./write-graph.js";
