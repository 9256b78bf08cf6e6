/**
 * Messages of meta graphs: the graph with its collections, its saver, and where its nodes were made.
 *
 * @packageDocumentation
 */
export type { MessageCodec } from "./codec.js";
export {
  CondContextDef,
  ControlFlowContextDef,
  error_Code,
  QueueRunnerDef,
  ValuesDef,
  WhileContextDef,
} from "./generated/control-flow.js";
export {
  GraphDebugInfo,
  GraphDebugInfo_FileLineCol,
  GraphDebugInfo_StackTrace,
} from "./generated/graph-debug-info.js";
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
