import { bytesEqual } from "@tfsaver/core";
import { builtInOpDef, type Graph } from "@tfsaver/graph";
import { AttrValue, FunctionDef, type GraphDef, type NodeDef } from "@tfsaver/proto/graph";
import { functionsOf, withFunctions } from "./library-functions.js";

/**
 * Removes the attributes that have their default value, from nodes and functions (`strip_graph_default_valued_attrs`). An
 * older TensorFlow that doesn't know an attribute can then read the graph.
 */
export function stripDefaultAttrs(graphDef: GraphDef, graph: Graph): GraphDef {
  const functions = functionsOf(graphDef);
  const strip = (node: NodeDef): NodeDef => (functions.has(node.op) ? node : strippedNode(node, graph));
  const stripped = [...functions.values()].map((def) =>
    FunctionDef.encode({ ...def, nodeDef: def.nodeDef.map(strip) }),
  );
  return withFunctions({ ...graphDef, node: graphDef.node.map(strip) }, stripped);
}

function strippedNode(node: NodeDef, graph: Graph): NodeDef {
  const def = builtInOpDef(node.op) ?? graph.opDef(node.op);
  if (def === undefined) return node;
  const attr = new Map(node.attr);
  for (const { name, defaultValue } of def.attr) {
    const value = attr.get(name);
    if (value !== undefined && defaultValue !== undefined && isEqual(value, defaultValue)) attr.delete(name);
  }
  return { ...node, attr };
}

function isEqual(a: AttrValue, b: AttrValue): boolean {
  return bytesEqual(AttrValue.encode(a), AttrValue.encode(b));
}
