/**
 * Messages of meta graphs: the graph with its collections and its saver.
 *
 * @packageDocumentation
 */
export type { MessageCodec } from "./codec.js";
export {
  CollectionDef,
  CollectionDef_AnyList,
  CollectionDef_BytesList,
  CollectionDef_FloatList,
  CollectionDef_Int64List,
  CollectionDef_NodeList,
  MetaGraphDef,
  MetaGraphDef_MetaInfoDef,
} from "./generated/meta-graph.js";
