import {
  type TrackableObjectGraph_TrackableObject as TrackableObject,
  TrackableObjectGraph,
} from "@tfsaver/checkpoint-proto/object-graph";
import { type CheckpointReader, OBJECT_GRAPH_KEY, readObjectGraph } from "@tfsaver/checkpoint-reader";
import { DataLossError } from "@tfsaver/core";
import type { CallOptions } from "@tfsaver/storage";

/** The object graph of a checkpoint, whose references all lead to objects. */
export class StoredGraph {
  /** The first edge that leads to each object, breadth first. */
  #from: ReadonlyMap<number, { readonly parent: number; readonly name: string }> | undefined;
  #slots:
    | ReadonlyMap<number, { readonly optimizer: number; readonly variable: number; readonly name: string }>
    | undefined;

  /** @throws `DataLossError` if there is no object, or a reference leads to an object that is not there. */
  constructor(
    private readonly graph: TrackableObjectGraph,
    private readonly path: string,
  ) {
    const { nodes } = graph;
    if (nodes.length === 0) throw this.#damaged("it has no objects");
    for (const [id, { children, slotVariables }] of nodes.entries()) {
      for (const { localName, nodeId } of children) this.#require(nodeId, id, `the child '${shown(localName)}'`);
      for (const { slotName, originalVariableNodeId, slotVariableNodeId } of slotVariables) {
        this.#require(originalVariableNodeId, id, `the variable of a slot '${shown(slotName)}'`);
        this.#require(slotVariableNodeId, id, `the slot variable '${shown(slotName)}'`);
      }
    }
  }

  /**
   * Reads the object graph of a checkpoint.
   *
   * @returns undefined if the checkpoint is not object-based
   * @throws `DataLossError` if the graph is damaged.
   */
  static async read(reader: CheckpointReader, options?: CallOptions): Promise<StoredGraph | undefined> {
    const graph = await readObjectGraph(reader, options);
    return graph === undefined ? undefined : new StoredGraph(graph, reader.prefix);
  }

  get nodes(): readonly TrackableObject[] {
    return this.graph.nodes;
  }

  node(id: number): TrackableObject {
    return this.graph.nodes[id] as TrackableObject;
  }

  /** Encodes the graph: equal graphs have equal bytes. */
  encode(): Uint8Array {
    return TrackableObjectGraph.encode(this.graph);
  }

  /** True if an object has values, or an object below it has. Files of older versions do not say; then anything counts. */
  hasValues(id: number): boolean {
    const { hasCheckpointValues, children, attributes, slotVariables, registeredSaver } = this.node(id);
    if (hasCheckpointValues !== undefined) return hasCheckpointValues.length > 1 && hasCheckpointValues[1] !== 0;
    return children.length + attributes.length + slotVariables.length > 0 || registeredSaver !== undefined;
  }

  /** Returns the name of an object in messages: `(root).model.kernel`. */
  nameOf(id: number): string {
    this.#slots ??= this.#slotVariables();
    const slot = this.#slots.get(id);
    if (slot === undefined) return this.#pathOf(id);
    return `${this.#pathOf(slot.optimizer)}'s state '${slot.name}' for ${this.#pathOf(slot.variable)}`;
  }

  /** Returns the object that has an object as its first child, breadth first, and the name of the edge. */
  parentOf(id: number): { readonly parent: number; readonly name: string } | undefined {
    this.#from ??= this.#firstEdges();
    return this.#from.get(id);
  }

  #pathOf(id: number): string {
    const names: string[] = [];
    let edge = this.parentOf(id);
    const isReached = id === 0 || edge !== undefined;
    for (; edge !== undefined && names.length < MAX_NAMES; edge = this.parentOf(edge.parent))
      names.push(shown(edge.name));
    // In full, the paths of all objects could be long beyond measure.
    if (edge !== undefined) names.push("…");
    return [isReached ? "(root)" : `object ${id}`, ...names.reverse()].join(".");
  }

  #firstEdges() {
    const from = new Map<number, { parent: number; name: string }>();
    const queue = [0];
    // The loop visits objects that are added while it runs.
    for (const parent of queue) {
      for (const { nodeId, localName } of this.node(parent).children) {
        if (nodeId === 0 || from.has(nodeId)) continue;
        from.set(nodeId, { parent, name: localName });
        queue.push(nodeId);
      }
    }
    return from;
  }

  #slotVariables() {
    const slots = new Map<number, { optimizer: number; variable: number; name: string }>();
    for (const [optimizer, { slotVariables }] of this.nodes.entries()) {
      for (const { originalVariableNodeId, slotName, slotVariableNodeId } of slotVariables)
        slots.set(slotVariableNodeId, { optimizer, variable: originalVariableNodeId, name: shown(slotName) });
    }
    return slots;
  }

  #require(id: number, from: number, what: string): void {
    if (this.graph.nodes[id] !== undefined) return;
    throw this.#damaged(`${what} of object ${from} is object ${id}, but there are only ${this.graph.nodes.length}`);
  }

  #damaged(what: string): DataLossError {
    return new DataLossError(`${this.path}: ${OBJECT_GRAPH_KEY} is damaged: ${what}`, {
      path: this.path,
      tensor: OBJECT_GRAPH_KEY,
    });
  }
}

/** Maximum number of edges of a path in a message. */
const MAX_NAMES = 40;

/** Maximum number of characters of a name in a message. */
const MAX_CHARS = 100;

function shown(name: string): string {
  return name.length > MAX_CHARS ? `${name.slice(0, MAX_CHARS)}…` : name;
}
