/**
 * Formats and parses meta graphs, graphs, savers and debug info in protobuf's text format, as in `.pbtxt` files.
 *
 * @packageDocumentation
 */
import { GraphDef } from "./generated/graph.js";
import { GraphDebugInfo } from "./generated/graph-debug-info.js";
import { MetaGraphDef } from "./generated/meta-graph.js";
import { schema } from "./generated/meta-graph.schema.js";
import { SaverDef } from "./generated/saver.js";
import { parseText, printText } from "./text/text-format.js";

/**
 * Formats a meta graph in protobuf's text format, exactly as Python's `text_format.MessageToString` does.
 *
 * @throws `DataLossError` if a `bytes` field does not hold the message that it should.
 */
export function metaGraphToText(metaGraph: MetaGraphDef): string {
  return printText(schema, "tensorflow.MetaGraphDef", MetaGraphDef.encode(metaGraph));
}

/**
 * Parses a meta graph from protobuf's text format, as Python's `text_format.Merge` does.
 *
 * @throws `DataLossError` with line and column if the text is malformed.
 */
export function metaGraphFromText(text: string): MetaGraphDef {
  return MetaGraphDef.decode(parseText(schema, "tensorflow.MetaGraphDef", text));
}

/**
 * Formats a graph in protobuf's text format, exactly as Python's `text_format.MessageToString` does.
 *
 * @throws `DataLossError` if a `bytes` field does not hold the message that it should.
 */
export function graphDefToText(graphDef: GraphDef): string {
  return printText(schema, "tensorflow.GraphDef", GraphDef.encode(graphDef));
}

/**
 * Parses a graph from protobuf's text format, as Python's `text_format.Merge` does.
 *
 * @throws `DataLossError` with line and column if the text is malformed.
 */
export function graphDefFromText(text: string): GraphDef {
  return GraphDef.decode(parseText(schema, "tensorflow.GraphDef", text));
}

/**
 * Formats a `SaverDef` in protobuf's text format, exactly as Python's `text_format.MessageToString` does.
 *
 * @throws `DataLossError` if a `bytes` field does not hold the message that it should.
 */
export function saverDefToText(saverDef: SaverDef): string {
  return printText(schema, "tensorflow.SaverDef", SaverDef.encode(saverDef));
}

/**
 * Parses a `SaverDef` from protobuf's text format, as Python's `text_format.Merge` does.
 *
 * @throws `DataLossError` with line and column if the text is malformed.
 */
export function saverDefFromText(text: string): SaverDef {
  return SaverDef.decode(parseText(schema, "tensorflow.SaverDef", text));
}

/**
 * Formats debug info in protobuf's text format, exactly as Python's `text_format.MessageToString` does.
 *
 * @throws `DataLossError` if a `bytes` field does not hold the message that it should.
 */
export function graphDebugInfoToText(debugInfo: GraphDebugInfo): string {
  return printText(schema, "tensorflow.GraphDebugInfo", GraphDebugInfo.encode(debugInfo));
}

/**
 * Parses debug info from protobuf's text format, as Python's `text_format.Merge` does.
 *
 * @throws `DataLossError` with line and column if the text is malformed.
 */
export function graphDebugInfoFromText(text: string): GraphDebugInfo {
  return GraphDebugInfo.decode(parseText(schema, "tensorflow.GraphDebugInfo", text));
}
