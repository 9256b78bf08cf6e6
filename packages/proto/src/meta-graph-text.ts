/**
 * Meta graphs, graphs, savers and debug info in protobuf's text format: what `as_text` writes and a `.pbtxt` file holds.
 *
 * @packageDocumentation
 */
import { GraphDebugInfo } from "./generated/graph-debug-info.js";
import { GraphDef, MetaGraphDef, SaverDef } from "./generated/meta-graph.js";
import { schema } from "./generated/meta-graph.schema.js";
import { parseText, printText } from "./text-format.js";

/**
 * A meta graph in protobuf's text format, letter for letter as Python's `text_format.MessageToString` gives it.
 *
 * @throws `DataLossError` if what is in it as bytes is not the message that it should be.
 */
export function metaGraphToText(metaGraph: MetaGraphDef): string {
  return printText(schema, "tensorflow.MetaGraphDef", MetaGraphDef.encode(metaGraph));
}

/**
 * The meta graph that a text holds (Python's `text_format.Merge`).
 *
 * @throws `DataLossError` with line and column if the text is not one.
 */
export function metaGraphFromText(text: string): MetaGraphDef {
  return MetaGraphDef.decode(parseText(schema, "tensorflow.MetaGraphDef", text));
}

/**
 * A graph in protobuf's text format, letter for letter as Python's `text_format.MessageToString` gives it.
 *
 * @throws `DataLossError` if what is in it as bytes is not the message that it should be.
 */
export function graphDefToText(graphDef: GraphDef): string {
  return printText(schema, "tensorflow.GraphDef", GraphDef.encode(graphDef));
}

/**
 * The graph that a text holds (Python's `text_format.Merge`).
 *
 * @throws `DataLossError` with line and column if the text is not one.
 */
export function graphDefFromText(text: string): GraphDef {
  return GraphDef.decode(parseText(schema, "tensorflow.GraphDef", text));
}

/**
 * A saver in protobuf's text format, letter for letter as Python's `text_format.MessageToString` gives it.
 *
 * @throws `DataLossError` if what is in it as bytes is not the message that it should be.
 */
export function saverDefToText(saverDef: SaverDef): string {
  return printText(schema, "tensorflow.SaverDef", SaverDef.encode(saverDef));
}

/**
 * The saver that a text holds (Python's `text_format.Merge`).
 *
 * @throws `DataLossError` with line and column if the text is not one.
 */
export function saverDefFromText(text: string): SaverDef {
  return SaverDef.decode(parseText(schema, "tensorflow.SaverDef", text));
}

/**
 * Debug info in protobuf's text format, letter for letter as Python's `text_format.MessageToString` gives it.
 *
 * @throws `DataLossError` if what is in it as bytes is not the message that it should be.
 */
export function graphDebugInfoToText(debugInfo: GraphDebugInfo): string {
  return printText(schema, "tensorflow.GraphDebugInfo", GraphDebugInfo.encode(debugInfo));
}

/**
 * The debug info that a text holds (Python's `text_format.Merge`).
 *
 * @throws `DataLossError` with line and column if the text is not one.
 */
export function graphDebugInfoFromText(text: string): GraphDebugInfo {
  return GraphDebugInfo.decode(parseText(schema, "tensorflow.GraphDebugInfo", text));
}
