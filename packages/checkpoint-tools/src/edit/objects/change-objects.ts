import { ATTRIBUTES, canonicalPath, namesOf } from "@tfsaver/checkpoint-reader/object-path";
import { ValueError } from "@tfsaver/core";
import {
  allObjects,
  dropHollow,
  emptyNode,
  keyAt,
  nodesWithValues,
  type ObjectNode,
  pathsOf,
  reachableObjects,
} from "./object-tree.js";
import type { ChangedObjects } from "./rename-objects.js";

/** Drops values, and the objects that only held such; a variable's slots go with it. */
export function dropValues(root: ObjectNode, isDropped: (key: string) => boolean): ChangedObjects {
  const keys = keysOf(root);
  const nodes = allObjects(root);
  const before = nodesWithValues(nodes);
  for (const node of nodes) node.attributes = node.attributes.filter(({ key }) => !isDropped(key));
  const hasValue = ({ attributes }: ObjectNode) => attributes.length > 0;
  for (const node of nodes)
    node.slots = node.slots.filter(({ variable, slot }) => hasValue(variable) && hasValue(slot));
  dropHollow(root, before);
  return withKeys(root, keys);
}

/**
 * Drops all optimizers with their slots. A variable that was named as one of an optimizer gets the name of another path to it.
 *
 * @returns `undefined` if there are none
 */
export function dropOptimizers(root: ObjectNode): ChangedObjects | undefined {
  const keys = keysOf(root);
  const optimizers = new Set(reachableObjects(root).filter((node) => node !== root && isOptimizer(node)));
  if (optimizers.size === 0) return undefined;
  for (const node of reachableObjects(root)) {
    for (const [name, child] of node.children) if (optimizers.has(child)) node.children.delete(name);
  }
  const paths = pathsOf(root);
  const renamed = new Map<string, string>();
  for (const [node, path] of paths) {
    node.attributes = node.attributes.map((attribute) => {
      const key = keyAt(path, attribute);
      renamed.set(attribute.key, key);
      return { ...attribute, key };
    });
  }
  return { root, keys: new Map(keys.map((key) => [key, renamed.has(key) ? [renamed.get(key) as string] : []])) };
}

/** Children by which TensorFlow's and Keras' optimizers are known. */
const OPTIMIZER_CHILDREN: readonly (readonly string[])[] = [
  ["_iterations", "_learning_rate"],
  ["_iterations", "_trainable_variables"],
  ["_iterations", "_variables"],
  ["iter", "learning_rate"],
  ["iter", "decay"],
  ["beta1_power", "beta2_power"],
];

function isOptimizer({ children, slots }: ObjectNode): boolean {
  return slots.length > 0 || OPTIMIZER_CHILDREN.some((names) => names.every((name) => children.has(name)));
}

/**
 * Pairs variables with the moving averages that a Keras optimizer keeps of them (`use_ema=True`): keys of averages by keys of
 * variables.
 */
export function averagesOfObjects(root: ObjectNode): Map<string, string> {
  const averages = new Map<string, string>();
  for (const { children } of reachableObjects(root)) {
    const [variables, means] = [children.get("_trainable_variables"), children.get("_model_variables_moving_average")];
    for (const [index, mean] of means?.children ?? []) {
      const [variable, average] = [variables?.children.get(index)?.attributes[0], mean.attributes[0]];
      if (variable !== undefined && average !== undefined) averages.set(variable.key, average.key);
    }
  }
  return averages;
}

/** Adds a variable at a path, and returns its key. */
export function addVariable(root: ObjectNode, path: string): string {
  let node = root;
  for (const name of namesOf(path)) {
    const child = node.children.get(name) ?? emptyNode();
    node.children.set(name, child);
    node = child;
  }
  const key = `${canonicalPath(path)}/${ATTRIBUTES}/VARIABLE_VALUE`;
  node.attributes.push({ name: "VARIABLE_VALUE", fullName: path, key });
  return key;
}

/** Adds the objects of another checkpoint: what has a path in both is one object. */
export function mergeObjects(root: ObjectNode, other: ObjectNode): void {
  const partners = new Map([[other, root]]);
  for (const [node, partner] of partners) {
    for (const [name, child] of node.children) {
      const known = partner.children.get(name);
      if (known !== undefined && !partners.has(child)) partners.set(child, known);
    }
  }
  const merged = (node: ObjectNode) => partners.get(node) ?? node;
  for (const node of allObjects(other)) {
    const target = merged(node);
    for (const [name, child] of node.children) {
      const known = target.children.get(name);
      if (known !== undefined && target !== node && known !== merged(child)) {
        throw new ValueError(`The checkpoints share objects in different ways: '${name}' would lead to two objects`);
      }
      target.children.set(name, merged(child));
    }
    const slots = node.slots.map((slot) => ({ ...slot, variable: merged(slot.variable), slot: merged(slot.slot) }));
    if (target === node) node.slots = slots;
    else {
      target.attributes = [...target.attributes, ...node.attributes];
      target.slots = [...target.slots, ...slots];
      target.registeredSaver ??= node.registeredSaver;
    }
  }
}

/** Returns the keys of all values. */
export function keysOf(root: ObjectNode): string[] {
  return allObjects(root).flatMap(({ attributes }) => attributes.map(({ key }) => key));
}

function withKeys(root: ObjectNode, before: readonly string[]): ChangedObjects {
  const left = new Set(keysOf(root));
  return { root, keys: new Map(before.map((key) => [key, left.has(key) ? [key] : []])) };
}
