/**
 * Exports and imports meta graphs: a graph with its collections and saver in one file.
 *
 * @packageDocumentation
 */
export { AnyMessage } from "./collections/any-message.js";
export { type CollectionMessages, registerCollectionMessages } from "./collections/collection-messages.js";
export { type CollectionToDefOptions, collectionToDef } from "./collections/collection-to-def.js";
export { type CopyScopedMetaGraphOptions, copyScopedMetaGraph } from "./copy-scoped-meta-graph.js";
export { debugInfoOf } from "./export/debug-info.js";
export {
  type ExportedMetaGraph,
  type ExportMetaGraphOptions,
  exportMetaGraph,
  exportScopedMetaGraph,
} from "./export/export-meta-graph.js";
export { strippedOpList } from "./export/stripped-op-list.js";
export { requireStorableGraph } from "./graph-size.js";
export { type ImportedMetaGraph, type ImportMetaGraphOptions, importMetaGraph } from "./import-meta-graph.js";
export {
  type MetaGraphFileOptions,
  readMetaGraph,
  type WriteMetaGraphOptions,
  writeDebugInfo,
  writeMetaGraph,
} from "./meta-graph-files.js";
export { prependSaverDef, stripSaverDef } from "./saver-defs.js";
export { type WriteGraphOptions, writeGraph } from "./write-graph.js";
