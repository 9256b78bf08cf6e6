import { requireString } from "@tfsaver/core";
import { Graph } from "@tfsaver/graph";
import { GraphDef } from "@tfsaver/proto/graph";
import { joinPath } from "@tfsaver/storage";
import { requireStorableGraph } from "./graph-size.js";
import { type MetaGraphFileOptions, printed, textFormat, writeContent } from "./meta-graph-files.js";

/** Options of {@link writeGraph}. */
export interface WriteGraphOptions extends MetaGraphFileOptions {
  /** Write protobuf's text format instead of the binary one. Default: true. */
  readonly asText?: boolean | undefined;
}

/**
 * Writes the nodes of a graph to a file, without collections or values (`tf.io.write_graph`). Makes missing folders first;
 * a reader never sees a half-written file.
 *
 * @param name - name of the file, such as `graph.pbtxt`
 * @returns the path of the file
 *
 * @example
 * ```ts
 * import { constant, Graph } from "@tfsaver/graph";
 * import { writeGraph } from "@tfsaver/meta-graph";
 * import { MemoryStorage } from "@tfsaver/storage";
 *
 * const graph = new Graph();
 * constant(1, { graph, name: "x" });
 * const path = await writeGraph(graph, "logs", "graph.pbtxt", { storage: new MemoryStorage() });
 * console.log(path); // logs/graph.pbtxt
 * ```
 *
 * @throws `ValueError` if the graph is larger than 2 GiB, the limit of protobuf; the storage's errors.
 */
export async function writeGraph(
  graph: Graph | GraphDef,
  directory: string,
  name: string,
  options: WriteGraphOptions = {},
): Promise<string> {
  requireString(directory, "directory");
  requireString(name, "name");
  const graphDef = graph instanceof Graph ? graph.toGraphDef() : graph;
  if (!Array.isArray(graphDef?.node)) throw new TypeError("graph must be a Graph or a GraphDef");
  const path = joinPath(directory, name);
  requireStorableGraph(graphDef, path);
  const { asText = true } = options;
  const print = asText ? (await textFormat()).graphDefToText : undefined;
  const content = print === undefined ? GraphDef.encode(graphDef) : printed(path, () => print(graphDef));
  await writeContent(path, content, options);
  return path;
}
