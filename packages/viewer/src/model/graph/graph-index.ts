import { CONTROL, type GraphListing } from "./graph-listing.js";

/** An edge to or from a node. */
export interface GraphEdge {
  /** The node at the other end. */
  readonly place: number;
  readonly isControl: boolean;
}

/** The nodes and edges of a graph. */
export class GraphIndex {
  readonly #listing: GraphListing;
  readonly #places: ReadonlyMap<string, number>;
  /** The nodes that take an output of each node; those of node `i` end before `#consumerEnds[i]`. */
  readonly #consumers: Uint32Array;
  readonly #controls: Uint8Array;
  readonly #consumerEnds: Uint32Array;

  constructor(listing: GraphListing) {
    this.#listing = listing;
    // The first node counts if several have a name, so it is set last.
    const entries = listing.names.map((name, place) => [name, place] as const);
    this.#places = new Map(entries.reverse());
    const { inputs, ports, inputEnds } = listing;
    const next = new Uint32Array(listing.names.length);
    for (const place of inputs) if (place >= 0) next[place] = (next[place] as number) + 1;
    let sum = 0;
    for (let place = 0; place < next.length; place++) {
      const count = next[place] as number;
      next[place] = sum;
      sum += count;
    }
    this.#consumers = new Uint32Array(sum);
    this.#controls = new Uint8Array(sum);
    let at = 0;
    for (let node = 0; node < next.length; node++) {
      for (; at < (inputEnds[node] as number); at++) {
        const place = inputs[at] as number;
        if (place < 0) continue;
        const slot = next[place] as number;
        this.#consumers[slot] = node;
        this.#controls[slot] = ports[at] === CONTROL ? 1 : 0;
        next[place] = slot + 1;
      }
    }
    // Each has moved to the end of its node's.
    this.#consumerEnds = next;
  }

  /** What is known of the graph and its file as a whole. */
  get about(): Omit<GraphListing, "names" | "types" | "typeOf" | "inputs" | "ports" | "inputEnds" | "summary"> {
    return this.#listing;
  }

  get summary(): GraphListing["summary"] {
    return this.#listing.summary;
  }

  get names(): readonly string[] {
    return this.#listing.names;
  }

  /** Number of nodes. */
  get length(): number {
    return this.#listing.names.length;
  }

  name(place: number): string {
    return this.#listing.names[place] as string;
  }

  /** Returns the type of a node's operation. */
  type(place: number): string {
    return this.#listing.types[this.#listing.typeOf[place] as number] as string;
  }

  /** Returns the place of a node; undefined if there is none of this name. */
  placeOf(name: string): number | undefined {
    return this.#places.get(name);
  }

  /** Returns the nodes whose outputs a node takes, each once, those that it only waits for last. */
  inputs(place: number): GraphEdge[] {
    const { inputs, ports, inputEnds } = this.#listing;
    const from = place === 0 ? 0 : (inputEnds[place - 1] as number);
    const edges: GraphEdge[] = [];
    for (let i = from; i < (inputEnds[place] as number); i++) {
      if ((inputs[i] as number) >= 0) edges.push({ place: inputs[i] as number, isControl: ports[i] === CONTROL });
    }
    return unique(edges);
  }

  /** Returns the nodes that take an output of a node, each once, those that only wait for it last. */
  outputs(place: number): GraphEdge[] {
    const from = place === 0 ? 0 : (this.#consumerEnds[place - 1] as number);
    const edges: GraphEdge[] = [];
    for (let i = from; i < (this.#consumerEnds[place] as number); i++) {
      edges.push({ place: this.#consumers[i] as number, isControl: this.#controls[i] === 1 });
    }
    return unique(edges);
  }
}

function unique(edges: readonly GraphEdge[]): GraphEdge[] {
  const found = new Map<number, GraphEdge>();
  for (const edge of edges) if (!edge.isControl && !found.has(edge.place)) found.set(edge.place, edge);
  for (const edge of edges) if (!found.has(edge.place)) found.set(edge.place, edge);
  return [...found.values()];
}
