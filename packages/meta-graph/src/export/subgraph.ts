import { stripNameScope } from "@tfsaver/graph";
import { type AttrValue, AttrValue_ListValue, type GraphDef, type NodeDef } from "@tfsaver/proto/graph";
import { type ExportFilter, isExported, UNBOUND_INPUT_PREFIX } from "./export-filter.js";

/** A part of a graph that can be imported elsewhere. */
export interface Subgraph {
  readonly graphDef: GraphDef;
  /** Names in `graphDef` of the inputs from outside, once for each use. */
  readonly unboundInputs: readonly string[];
}

/**
 * Extracts the nodes that a filter selects, and removes the scope from their names. Inputs from outside get a name that
 * the importer must map; colocation with nodes outside is dropped.
 */
export function subgraphOf(graphDef: GraphDef, filter: ExportFilter, clearDevices: boolean): Subgraph {
  const unboundInputs: string[] = [];
  const node = graphDef.node
    .filter(({ name }) => isExported(name, filter))
    .map((node) => strippedNode(node, filter.exportScope, unboundInputs, clearDevices));
  return { graphDef: { ...graphDef, node }, unboundInputs };
}

function strippedNode(node: NodeDef, scope: string, unboundInputs: string[], clearDevices: boolean): NodeDef {
  const input = node.input.map((name) => {
    const [, mark, rest] = /^(\^?)(.*)$/s.exec(name) as unknown as [string, string, string];
    if (rest.startsWith(scope)) return stripNameScope(name, scope);
    const unbound = `${mark}${UNBOUND_INPUT_PREFIX}${rest}`;
    unboundInputs.push(unbound);
    return unbound;
  });
  const attr = new Map([...node.attr].map(([name, value]) => [name, strippedAttr(node.op, name, value, scope)]));
  const device = clearDevices ? "" : node.device;
  return { ...node, name: stripNameScope(node.name, scope), input, device, attr };
}

function strippedAttr(op: string, name: string, value: AttrValue, scope: string): AttrValue {
  if (scope === "") return value;
  if (name === "_class" && value.list !== undefined) {
    const groups = value.list.s.map((bytes) => new TextDecoder().decode(bytes));
    const inside = groups.filter((group) => group.slice(group.indexOf("@") + 1).startsWith(scope));
    const s = inside.map((group) => encode(stripNameScope(group, scope)));
    return { list: AttrValue_ListValue.create({ s }) };
  }
  if (name === "frame_name" && (op === "Enter" || op === "RefEnter") && value.s !== undefined) {
    return { s: encode(stripNameScope(new TextDecoder().decode(value.s), scope)) };
  }
  return value;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
