import { canonicalPath, escapeName, joinPath, namesOf } from "@tfsaver/checkpoint-reader/object-path";
import { ValueError } from "@tfsaver/core";
import type { NameRule } from "../names/name-rule.js";
import {
  dropHollow,
  emptyNode,
  keyAt,
  nodesWithValues,
  type ObjectAttribute,
  type ObjectNode,
  objectAt,
  pathsOf,
  reachableObjects,
  slotPath,
} from "./object-tree.js";

/** Objects after a change, and what became of the keys. */
export interface ChangedObjects {
  readonly root: ObjectNode;
  /** New keys by old ones; none for a value that was dropped. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
}

/**
 * Renames objects by their paths. An object that gets several names is copied. Slots follow their variable and their optimizer;
 * other references to an object (shared variables, cycles) still lead to it.
 *
 * @throws `ValueError` if two values would have one key, or one name would lead to two objects.
 */
export function renameObjects(root: ObjectNode, rule: NameRule): ChangedObjects {
  return new Renaming(root, rule).run();
}

/** A copy of an object, and its path. */
interface Placed {
  readonly path: string;
  readonly node: ObjectNode;
}

class Renaming {
  readonly #paths: ReadonlyMap<ObjectNode, string>;
  readonly #copies = new Map<ObjectNode, readonly Placed[]>();
  readonly #byPath = new Map<string, ObjectNode>();
  readonly #keys = new Map<string, string[]>();
  /** Old keys by new ones. */
  readonly #origins = new Map<string, string>();
  readonly #newRoot: ObjectNode;

  constructor(
    private readonly root: ObjectNode,
    private readonly rule: NameRule,
  ) {
    this.#paths = pathsOf(root);
    this.#newRoot = this.#nodeFor("");
  }

  run(): ChangedObjects {
    const nodes = reachableObjects(this.root);
    for (const node of nodes) this.#copy(node);
    for (const node of nodes) this.#linkChildren(node);
    for (const node of nodes) {
      for (const { path, node: copy } of this.#copiesOf(node)) {
        if (node.attributes.length > 0 && objectAt(this.#newRoot, path) !== copy) this.#place(path, copy);
      }
      this.#copySlots(node);
    }
    this.#dropEmptied(nodes);
    return { root: this.#newRoot, keys: this.#keys };
  }

  /** Removes what is left of objects whose content was renamed away. */
  #dropEmptied(nodes: readonly ObjectNode[]): void {
    const valued = nodesWithValues(nodes);
    const held = nodes
      .filter((node) => valued.has(node))
      .flatMap((node) => this.#copiesOf(node).map(({ node: copy }) => copy));
    dropHollow(this.#newRoot, new Set(held));
  }

  #copy(node: ObjectNode): void {
    const old = this.#pathOf(node);
    const placed = this.#newPaths(node, old).map((path) => ({ path, node: this.#nodeFor(path) }));
    this.#copies.set(node, placed);
    for (const [i, { path, node: copy }] of placed.entries()) {
      this.#copyAttributes(node, copy, { old, path, isCopy: i > 0 });
      copy.registeredSaver ??= node.registeredSaver;
    }
  }

  #copyAttributes(node: ObjectNode, copy: ObjectNode, place: Place): void {
    for (const attribute of node.attributes) {
      const key = place.path === place.old ? attribute.key : keyAt(place.path, attribute);
      const other = this.#origins.get(key);
      if (other !== undefined) throw becomeOne(other, attribute.key, key);
      this.#origins.set(key, attribute.key);
      this.#keys.set(attribute.key, [...(this.#keys.get(attribute.key) ?? []), key]);
      copy.attributes.push({ name: attribute.name, fullName: this.#fullName(attribute, place), key });
    }
  }

  #fullName({ fullName }: ObjectAttribute, { old, path, isCopy }: Place): string {
    if (fullName === "" || path === old) return fullName;
    if (fullName === old) return path;
    const [first = fullName] = this.rule.leaf(fullName);
    return isCopy ? path : first;
  }

  #linkChildren(node: ObjectNode): void {
    const path = this.#pathOf(node);
    for (const [name, child] of node.children) {
      const copies = this.#copiesOf(child);
      for (const [i, target] of this.#newPaths(child, joinPath(path, escapeName(name))).entries()) {
        this.#place(target, (copies[i] ?? (copies[0] as Placed)).node);
      }
    }
  }

  #copySlots(optimizer: ObjectNode): void {
    for (const { path: optimizerPath, node: owner } of this.#copiesOf(optimizer)) {
      for (const { variable, name, slot } of optimizer.slots) {
        for (const [i, placed] of (this.#copies.get(variable) ?? []).entries()) {
          const path = slotPath(placed.path, optimizerPath, name);
          const copy = emptyNode();
          this.#copyAttributes(slot, copy, { old: this.#pathOf(slot), path, isCopy: i > 0 });
          owner.slots.push({ variable: placed.node, name, slot: copy });
        }
      }
    }
  }

  /** Lets a path lead to an object. */
  #place(path: string, node: ObjectNode): void {
    const names = namesOf(path);
    const last = names.pop();
    // The object was merged into the root.
    if (last === undefined) return;
    let parent = this.#newRoot;
    let at = "";
    for (const name of names) {
      at = joinPath(at, escapeName(name));
      const next: ObjectNode = parent.children.get(name) ?? this.#nodeFor(at);
      parent.children.set(name, next);
      parent = next;
    }
    const known = parent.children.get(last);
    if (known === undefined) parent.children.set(last, node);
    else if (known !== node) throw new ValueError(`${path} would lead to two objects`);
  }

  #nodeFor(path: string): ObjectNode {
    const known = this.#byPath.get(path);
    if (known !== undefined) return known;
    const node = emptyNode();
    this.#byPath.set(path, node);
    return node;
  }

  #newPaths(node: ObjectNode, path: string): string[] {
    const isLeaf = node.attributes.length > 0 && node !== this.root;
    return [...new Set((isLeaf ? this.rule.leaf(path) : this.rule.container(path)).map(canonicalPath))];
  }

  #pathOf(node: ObjectNode): string {
    return this.#paths.get(node) as string;
  }

  #copiesOf(node: ObjectNode): readonly Placed[] {
    return this.#copies.get(node) as readonly Placed[];
  }
}

/** Where a copy of an object goes. */
interface Place {
  readonly old: string;
  readonly path: string;
  /** True if it is not the first copy. */
  readonly isCopy: boolean;
}

/** Returns the error for two names that would become one. */
export function becomeOne(one: string, other: string, name: string): ValueError {
  return new ValueError(`${one} and ${other} would both become ${name}: give them different names, or drop one first`, {
    tensor: name,
  });
}
