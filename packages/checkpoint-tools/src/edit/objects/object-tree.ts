import type { TrackableObjectGraph as ObjectGraph } from "@tfsaver/checkpoint-proto/object-graph";
import {
  ATTRIBUTES,
  escapeName,
  joinPath,
  namesOf,
  OPTIMIZER_SLOT,
  pathOfKey,
} from "@tfsaver/checkpoint-reader/object-path";
import { DataLossError } from "@tfsaver/core";

/** An object of a program whose values are in a checkpoint. */
export interface ObjectNode {
  /** By name, in the order of the file. */
  readonly children: Map<string, ObjectNode>;
  attributes: ObjectAttribute[];
  /** Of an optimizer: the variables that it keeps for others. */
  slots: ObjectSlot[];
  registeredSaver?: Uint8Array | undefined;
}

/** A value of an object. */
export interface ObjectAttribute {
  readonly name: string;
  /** The name that a name-based saver would use. */
  readonly fullName: string;
  /** Name of the tensor. A table has two tensors, whose names begin with it: `…-keys` and `…-values`. */
  readonly key: string;
}

/** A variable that an optimizer keeps for another variable. */
interface ObjectSlot {
  readonly variable: ObjectNode;
  readonly name: string;
  readonly slot: ObjectNode;
}

/** Returns a new object without anything in it. */
export function emptyNode(): ObjectNode {
  return { children: new Map(), attributes: [], slots: [] };
}

/**
 * Links the objects of an object graph, and returns the root.
 *
 * @param path - for errors
 * @throws `DataLossError` if an object refers to one that is not there.
 */
export function linkObjects(graph: ObjectGraph, path: string): ObjectNode {
  const nodes = graph.nodes.map(emptyNode);
  const at = (id: number): ObjectNode => {
    const node = nodes[id];
    if (node === undefined)
      throw new DataLossError(`${path}: the object graph refers to object ${id}, which is not there`, { path });
    return node;
  };
  for (const [id, { children, attributes, slotVariables, registeredSaver }] of graph.nodes.entries()) {
    const node = at(id);
    for (const { localName, nodeId } of children) node.children.set(localName, at(nodeId));
    node.attributes = attributes.map(({ name, fullName, checkpointKey }) => ({ name, fullName, key: checkpointKey }));
    node.slots = slotVariables.map(({ originalVariableNodeId, slotName, slotVariableNodeId }) => ({
      variable: at(originalVariableNodeId),
      name: slotName,
      slot: at(slotVariableNodeId),
    }));
    node.registeredSaver = registeredSaver;
  }
  return at(0);
}

/** Returns the objects to which names lead from the root, breadth first. */
export function reachableObjects(root: ObjectNode): ObjectNode[] {
  const found = new Set([root]);
  for (const node of found) for (const child of node.children.values()) found.add(child);
  return [...found];
}

/** Returns all objects in the order of TensorFlow: those that can be reached, and then the slots of optimizers. */
export function allObjects(root: ObjectNode): ObjectNode[] {
  const reached = reachableObjects(root);
  const found = new Set(reached);
  const isReached = new Set(reached);
  for (const { slots } of reached) for (const { variable, slot } of slots) if (isReached.has(variable)) found.add(slot);
  return [...found];
}

/** Encodes objects as TensorFlow orders them. */
export function graphOf(root: ObjectNode): ObjectGraph {
  const nodes = allObjects(root);
  const ids = new Map(nodes.map((node, id) => [node, id]));
  const idOf = (node: ObjectNode) => ids.get(node) as number;
  const valued = nodesWithValues(nodes);
  return {
    nodes: nodes.map((node) => ({
      children: [...node.children].map(([localName, child]) => ({ localName, nodeId: idOf(child) })),
      attributes: node.attributes.map(({ name, fullName, key }) => ({ name, fullName, checkpointKey: key })),
      slotVariables: node.slots
        .filter(({ variable }) => ids.has(variable))
        .map(({ variable, name, slot }) => ({
          originalVariableNodeId: idOf(variable),
          slotName: name,
          slotVariableNodeId: idOf(slot),
        })),
      registeredSaver: node.registeredSaver,
      // A serialized BoolValue.
      hasCheckpointValues: valued.has(node) ? Uint8Array.of(0x08, 0x01) : new Uint8Array(),
    })),
  };
}

/** Returns the objects that have values, or that others can be reached from which have some. */
export function nodesWithValues(nodes: readonly ObjectNode[]): Set<ObjectNode> {
  const parents = new Map<ObjectNode, ObjectNode[]>();
  for (const node of nodes) {
    for (const child of node.children.values()) {
      const known = parents.get(child);
      if (known === undefined) parents.set(child, [node]);
      else known.push(node);
    }
  }
  const valued = new Set(
    nodes.filter((node) => node.attributes.length > 0 || node.slots.length > 0 || node.registeredSaver !== undefined),
  );
  for (const node of valued) for (const parent of parents.get(node) ?? []) valued.add(parent);
  return valued;
}

/**
 * Removes objects that led to values, and do no longer.
 *
 * @param before - the objects that led to values
 */
export function dropHollow(root: ObjectNode, before: ReadonlySet<ObjectNode>): void {
  const nodes = allObjects(root);
  const after = nodesWithValues(nodes);
  for (const node of nodes) {
    for (const [name, child] of node.children) if (before.has(child) && !after.has(child)) node.children.delete(name);
  }
}

/** Follows a path from an object. */
export function objectAt(root: ObjectNode, path: string): ObjectNode | undefined {
  let node: ObjectNode | undefined = root;
  for (const name of namesOf(path)) node = node?.children.get(name);
  return node;
}

/**
 * Maximum length of all paths together, in characters. Real graphs have some millions; the paths of a long chain of objects, which
 * a file of a megabyte can hold, would fill the memory.
 */
const MAX_PATHS = 1 << 25;

/**
 * Returns a path for each object: for one with values the path in its keys, if that leads to it, as it does in checkpoints of
 * TensorFlow; otherwise the shortest one. The path of a slot tells its variable, its optimizer and its name.
 *
 * @throws `DataLossError` if the paths are too long together.
 */
export function pathsOf(root: ObjectNode): Map<ObjectNode, string> {
  const paths = new Map([[root, ""]]);
  let total = 0;
  const count = (path: string) => {
    total += path.length;
    if (total > MAX_PATHS) throw new DataLossError("The paths of the objects in the object graph are too long");
    return path;
  };
  for (const [node, path] of paths) {
    for (const [name, child] of node.children) {
      const below = count(joinPath(path, escapeName(name)));
      if (!paths.has(child)) paths.set(child, below);
    }
  }
  for (const node of paths.keys()) {
    const [first] = node.attributes;
    const stated = first === undefined ? undefined : pathOfKey(first.key);
    if (stated !== undefined && objectAt(root, stated) === node) paths.set(node, stated);
  }
  for (const [optimizer, path] of [...paths]) {
    for (const { variable, name, slot } of optimizer.slots) {
      const of = paths.get(variable);
      if (of !== undefined && !paths.has(slot)) paths.set(slot, count(slotPath(of, path, name)));
    }
  }
  return paths;
}

/** Returns the path of the variable that an optimizer keeps for another one. */
export function slotPath(variable: string, optimizer: string, name: string): string {
  return [variable, OPTIMIZER_SLOT, ...(optimizer === "" ? [] : [optimizer]), escapeName(name)].join("/");
}

/** Returns the key of an attribute of an object. What comes after the path stays. */
export function keyAt(path: string, { name, key }: ObjectAttribute): string {
  const at = key.indexOf(`/${ATTRIBUTES}/`);
  return path + (at < 0 ? `/${ATTRIBUTES}/${escapeName(name)}` : key.slice(at));
}
