import { ValueError } from "@tfsaver/core";
import { Graph } from "@tfsaver/graph";
import { type AttrValue, GraphDef, type TensorProto } from "@tfsaver/proto/graph";

/** The largest protobuf message, in bytes. */
export const MAX_SIZE = 2 ** 31 - 1;

/** Maximum number of nodes in a message. */
const SHOWN = 3;

/** A node or an operation. */
interface SizedNode {
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
}

/**
 * Checks that a graph is small enough for one file, at the cost of a look at each node. Call it before anything is written
 * that is of no use without the graph.
 *
 * @param path - the file, for the message
 * @throws `ValueError` that names the largest nodes, if the graph is larger than 2 GiB, the limit of protobuf.
 *
 * @example
 * ```ts
 * import { constant, Graph } from "@tfsaver/graph";
 * import { requireStorableGraph } from "@tfsaver/meta-graph";
 *
 * const graph = new Graph();
 * constant([1, 2], { graph });
 * requireStorableGraph(graph, "model.meta"); // small enough
 * ```
 */
export function requireStorableGraph(graph: Graph | GraphDef, path: string): void {
  const nodes = sizesOf(graph);
  const library = graph instanceof Graph ? graph.functionLibrary : graph.library;
  const content = nodes.reduce((sum, { bytes }) => sum + bytes, library?.length ?? 0);
  if (content <= MAX_SIZE / 2) return;
  // Names and lengths come on top of the content, so a graph near the limit is encoded to be sure.
  const size = content > MAX_SIZE ? content : encodedSize(graph);
  if (size > MAX_SIZE) throw tooLarge(path, size, nodes);
}

function tooLarge(path: string, size: number, nodes: readonly SizedNode[]): ValueError {
  const largest = nodes.toSorted((a, b) => b.bytes - a.bytes).slice(0, SHOWN);
  const names = largest.map(({ name, type, bytes }) => `${name} (${type}, ${bytes} bytes)`).join(", ");
  return new ValueError(
    `GraphDef cannot be larger than 2GB, but ${path} would have ${size} bytes or more. The largest nodes are ${names}. ` +
      "Make large constants variables, which are in the checkpoint instead, or feed them; or leave the graph out with " +
      "`writeMetaGraph: false`",
    { path },
  );
}

/** Returns the nodes of a graph with the sizes of their content: all but names of fields and lengths. */
function sizesOf(graph: Graph | GraphDef): SizedNode[] {
  if (graph instanceof Graph) {
    return graph.operations.map(({ name, type, attrs }) => ({ name, type, bytes: contentOf(attrs) }));
  }
  return graph.node.map(({ name, op, attr }) => ({ name, type: op, bytes: contentOf(attr) }));
}

function encodedSize(graph: Graph | GraphDef): number {
  try {
    return GraphDef.encode(graph instanceof Graph ? graph.toGraphDef(true) : graph).length;
  } catch (error) {
    if (error instanceof ValueError) return MAX_SIZE + 1;
    throw error;
  }
}

function contentOf(attrs: ReadonlyMap<string, AttrValue>): number {
  let bytes = 0;
  for (const { s, tensor, list } of attrs.values()) {
    bytes += s?.length ?? 0;
    if (tensor !== undefined) bytes += tensorContent(tensor);
    for (const text of list?.s ?? []) bytes += text.length;
    for (const one of list?.tensor ?? []) bytes += tensorContent(one);
  }
  return bytes;
}

function tensorContent(tensor: TensorProto): number {
  const { tensorContent, stringVal, floatVal, doubleVal, float8Val } = tensor;
  let bytes = tensorContent.length + 4 * floatVal.length + 8 * doubleVal.length + (float8Val?.length ?? 0);
  for (const { length } of stringVal) bytes += length;
  // A varint takes a byte or more.
  for (const list of [tensor.intVal, tensor.int64Val, tensor.boolVal, tensor.halfVal]) bytes += list.length;
  for (const list of [tensor.uint32Val, tensor.uint64Val]) bytes += list.length;
  return bytes + 4 * tensor.scomplexVal.length + 8 * tensor.dcomplexVal.length;
}
