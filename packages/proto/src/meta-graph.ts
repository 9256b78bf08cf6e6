/**
 * Encodes and decodes the messages of meta graphs: the graph with its collections, control flow, and debug info.
 *
 * @packageDocumentation
 */

export type { MessageCodec } from "@tfsaver/checkpoint-proto/wire";
export { CondContextDef, ControlFlowContextDef, ValuesDef, WhileContextDef } from "./generated/control-flow.js";
export { error_Code } from "./generated/error-codes.js";
export { GraphDebugInfo, GraphDebugInfo_FileLineCol, GraphDebugInfo_StackTrace } from "./generated/graph-debug-info.js";
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
export { QueueRunnerDef } from "./generated/queue-runner.js";
