import {
  type TrackableObjectGraph_TrackableObject as TrackableObject,
  TrackableObjectGraph,
} from "@tfsaver/checkpoint-proto/object-graph";
import { ATTRIBUTES, escapeName } from "@tfsaver/checkpoint-reader/object-path";
import { PythonState } from "../python-state.js";
import { attributesOf, type SavedAttribute } from "./saved-attributes.js";
import type { ObjectWalk } from "./walk-objects.js";
import { pathOf } from "./walked-object.js";

/** An attribute to save, under its key. */
interface KeyedAttribute {
  readonly object: object;
  readonly attribute: SavedAttribute;
  readonly key: string;
}

/** An object graph as a checkpoint holds it. */
export interface EncodedObjectGraph {
  readonly bytes: Uint8Array;
  /** What is saved, in the order in which TensorFlow writes it. */
  readonly attributes: readonly KeyedAttribute[];
}

/** `google.protobuf.BoolValue` in bytes. */
const TRUE = Uint8Array.of(8, 1);
const FALSE = new Uint8Array();

/** Encodes the objects of a program as the message that TensorFlow stores beside their values. */
export function encodeObjectGraph(walk: ObjectWalk): EncodedObjectGraph {
  const keyed: KeyedAttribute[] = [];
  const nodes = walk.nodes.map((node): TrackableObject => {
    const { object, edges, slots } = node;
    const attributes = attributesOf(object);
    const path = attributes.length === 0 ? "" : pathOf(node);
    return {
      children: edges.map(({ name, id }) => ({ nodeId: id, localName: name })),
      attributes: attributes.map((attribute) => {
        const key = `${path}/${ATTRIBUTES}/${escapeName(attribute.name)}`;
        keyed.push({ object, attribute, key });
        return { name: attribute.name, fullName: attribute.fullName, checkpointKey: key };
      }),
      slotVariables: slots.map(({ name, variable, slot }) => ({
        originalVariableNodeId: variable.id,
        slotName: name,
        slotVariableNodeId: slot.id,
      })),
    };
  });
  const valuable = withValues(nodes);
  for (const [id, node] of nodes.entries()) node.hasCheckpointValues = valuable.has(id) ? TRUE : FALSE;
  // As in TensorFlow, the states of Python objects come after all other values.
  const isState = ({ object }: KeyedAttribute) => object instanceof PythonState;
  return {
    bytes: TrackableObjectGraph.encode({ nodes }),
    attributes: [...keyed.filter((one) => !isState(one)), ...keyed.filter(isState)],
  };
}

/** Returns the ids of the objects that have values, or from which an object with values can be reached. */
function withValues(nodes: readonly TrackableObject[]): ReadonlySet<number> {
  const parents = nodes.map((): number[] => []);
  const found = new Set<number>();
  for (const [id, { children, attributes, slotVariables }] of nodes.entries()) {
    for (const { nodeId } of children) parents[nodeId]?.push(id);
    if (attributes.length > 0 || slotVariables.length > 0) found.add(id);
  }
  // The loop visits parents that are added while it runs.
  for (const id of found) for (const parent of parents[id] ?? []) found.add(parent);
  return found;
}
