import type { TensorInfo } from "@tfsaver/checkpoint-reader";
import { ATTRIBUTES, escapeName, pathOfKey } from "@tfsaver/checkpoint-reader/object-path";
import { DataLossError } from "@tfsaver/core";
import { isTrackable } from "@tfsaver/saver-builders";
import { childrenOf } from "../objects/children.js";
import type { RootView } from "../objects/root-view.js";
import { attributesOf, type SavedAttribute } from "../objects/saved-attributes.js";
import { SlotRestorations } from "./slot-restorations.js";
import type { StoredGraph } from "./stored-graph.js";
import { giveBack, setUpdateUid, updateUidOf } from "./update-uids.js";

/** An attribute of an object for which a checkpoint has a value. */
export interface MatchedAttribute {
  readonly object: object;
  readonly attribute: SavedAttribute;
  readonly key: string;
  /** The load that gave the object its values before; 0 if none did. */
  readonly before: number;
  /** Returns the object's name for messages: `(root).model.kernel`. */
  readonly nameOf: () => string;
}

/** Matches objects of a program with what a checkpoint holds. */
export interface Matching {
  /** Number of the load; values of a later one are not replaced. */
  readonly uid: number;
  readonly prefix: string;
  /** True if objects that are made later may still be matched. */
  readonly isOpen: boolean;
  /** Matches the objects of a program, and returns the values to read. Objects that were matched before stay matched. */
  match(view: RootView): MatchedAttribute[];
}

/** Facts about a checkpoint that is restored. */
export interface LoadedCheckpoint {
  readonly prefix: string;
  readonly graph: StoredGraph;
  /** The facts about the values of slot variables, by their ids. */
  readonly slotInfos: ReadonlyMap<number, TensorInfo>;
}

/** One restore: which objects of the checkpoint are matched with which objects of the program. */
export class Load implements Matching {
  /** The objects of the program, by their numbers in the checkpoint. */
  readonly bound = new Map<number, object>();
  /** Attributes of the checkpoint that no object asked for, by the numbers of their objects. */
  readonly unusedAttributes = new Map<number, readonly string[]>();
  readonly slots: SlotRestorations;
  readonly prefix: string;
  readonly graph: StoredGraph;
  readonly #entered = new Set<number>();
  /** Matched objects with children in the checkpoint that are not matched. */
  readonly #open = new Set<number>();

  constructor(
    readonly uid: number,
    { prefix, graph, slotInfos }: LoadedCheckpoint,
  ) {
    this.prefix = prefix;
    this.graph = graph;
    this.slots = new SlotRestorations(graph, slotInfos);
  }

  get isOpen(): boolean {
    return this.#open.size > 0 || this.slots.isOpen;
  }

  /**
   * Matches the objects of a program with those of the checkpoint, by the names of edges. Objects that were matched before
   * stay matched.
   *
   * @returns the values to read, in the order in which their objects were matched
   * @throws `DataLossError` if a key of the checkpoint can't be told.
   */
  match(view: RootView): MatchedAttribute[] {
    const found: MatchedAttribute[] = [];
    try {
      this.#matchInto(found, view);
    } catch (error) {
      giveBack(found, this.uid);
      throw error;
    }
    return found;
  }

  #matchInto(found: MatchedAttribute[], { root, attached }: RootView): void {
    const queue = [...this.#open];
    if (!this.bound.has(0)) this.#bind(0, root, queue);
    for (const { id, object } of this.slots.again()) this.#bind(id, object, queue);
    this.#visit(queue, found);
    const [top] = this.graph.nodes;
    for (const { name, object } of attached) {
      const child = top?.children.find(({ localName }) => localName === name)?.nodeId;
      if (object === root || child === undefined || this.bound.has(child)) continue;
      const queue: number[] = [];
      this.#bind(child, object, queue);
      this.#visit(queue, found);
    }
  }

  #bind(id: number, object: object, queue: number[]): void {
    if (this.bound.has(id)) return;
    this.bound.set(id, object);
    queue.push(id);
  }

  #visit(queue: number[], found: MatchedAttribute[]): void {
    // The loop visits objects that are added while it runs.
    for (const id of queue) {
      const object = this.bound.get(id) as object;
      const isNew = !this.#entered.has(id);
      this.#entered.add(id);
      if (isNew) this.#collect(id, object, found);
      this.#matchChildren(id, object, isNew, queue);
      if (!isNew) continue;
      for (const slot of this.slots.of(id, object, (id) => this.bound.get(id))) this.#bind(slot.id, slot.object, queue);
    }
  }

  #matchChildren(id: number, object: object, isNew: boolean, queue: number[]): void {
    let children: ReadonlyMap<string, object> | undefined;
    this.#open.delete(id);
    for (const { localName, nodeId } of this.graph.node(id).children) {
      // As in TensorFlow, the first edge that leads to an object decides, and objects without values are never waited for.
      if (this.bound.has(nodeId) || !(isNew || this.graph.hasValues(nodeId))) continue;
      children ??= new Map(childrenOf(object).map(({ name, object }) => [name, object]));
      const child = children.get(localName);
      if (child !== undefined) this.#bind(nodeId, child, queue);
      else if (this.graph.hasValues(nodeId)) this.#open.add(id);
    }
  }

  /** Collects the values of a matched object, unless a later load has given it values. */
  #collect(id: number, object: object, found: MatchedAttribute[]): void {
    const before = updateUidOf(object);
    if (before >= this.uid) return;
    const stored = this.graph.node(id).attributes;
    const own = stored.length === 0 ? [] : attributesOf(object);
    const keys = new Map(stored.map(({ name, checkpointKey }) => [name, checkpointKey]));
    const matched = own.map((attribute): MatchedAttribute => {
      const key = keys.get(attribute.name) ?? this.#keyBeside(stored[0]?.checkpointKey ?? "", attribute.name);
      return { object, attribute, key, before, nameOf: () => this.graph.nameOf(id) };
    });
    setUpdateUid(object, this.uid);
    for (const one of matched) found.push(one);
    // As in TensorFlow, a variable ignores other attributes.
    if (own.length > 0 && !isTrackable(object)) return;
    const names = new Set(own.map(({ name }) => name));
    const unused = stored.map(({ name }) => name).filter((name) => !names.has(name));
    if (unused.length > 0) this.unusedAttributes.set(id, unused);
  }

  /** Returns the key of another attribute of the same object. */
  #keyBeside(key: string, attribute: string): string {
    const path = pathOfKey(key);
    if (path !== key) return `${path}/${ATTRIBUTES}/${escapeName(attribute)}`;
    throw new DataLossError(`${this.prefix}: the key ${key} in the object graph has no /${ATTRIBUTES}/`, {
      path: this.prefix,
      tensor: key,
    });
  }
}
