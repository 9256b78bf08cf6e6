import { Graph } from "@tfsaver/graph";
import { GraphDef } from "@tfsaver/proto/graph";
import { joinPath } from "@tfsaver/storage";
import { type MetaGraphFileOptions, textFormat, writeContent } from "./meta-graph-files.js";

/** Options of {@link writeGraph}. */
export interface WriteGraphOptions extends MetaGraphFileOptions {
  /** Write protobuf's text format, or else bytes. Default: true. */
  readonly asText?: boolean | undefined;
}

/**
 * Writes the nodes of a graph to a file, without collections or values (`tf.io.write_graph`). Missing directories are
 * made, and the file appears whole.
 *
 * @param name - of the file, such as `graph.pbtxt`
 * @returns the path of the file
 * @throws `ValueError` if the graph is larger than 2 GiB, which nobody could read; the storage's errors.
 */
export async function writeGraph(
  graph: Graph | GraphDef,
  directory: string,
  name: string,
  options: WriteGraphOptions = {},
): Promise<string> {
  const graphDef = graph instanceof Graph ? graph.toGraphDef() : graph;
  const path = joinPath(directory, name);
  const { asText = true } = options;
  const content = asText ? (await textFormat()).graphDefToText(graphDef) : GraphDef.encode(graphDef);
  await writeContent(path, content, options);
  return path;
}
