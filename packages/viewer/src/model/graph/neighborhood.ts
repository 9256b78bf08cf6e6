import type { GraphEdge, GraphIndex } from "./graph-index.js";

/** A node near another. */
export interface Neighbor {
  readonly place: number;
  /** Number of edges between it and the center. */
  readonly hops: number;
  /** Number of its neighbors that are left out. */
  readonly hidden: number;
}

/** The nodes near a node. */
export interface Neighborhood {
  /** The center is first; others follow by distance. */
  readonly nodes: readonly Neighbor[];
  /** The edges between them. */
  readonly edges: readonly { readonly from: number; readonly to: number; readonly isControl: boolean }[];
}

/** Inputs or outputs of one node that are followed, so that a node with thousands does not fill a drawing. */
const MOST_OF_ONE = 12;

/**
 * Finds the nodes near a node, along and against the edges.
 *
 * @param hops - number of edges to follow, from 1 on
 * @param most - number of nodes; the rest is left out, the farthest first
 */
export function neighborhood(graph: GraphIndex, center: number, hops: number, most: number): Neighborhood {
  const distances = new Map([[center, 0]]);
  let ring = [center];
  for (let hop = 1; hop <= hops; hop++) {
    // Taken in turns, so that the many outputs of one node leave room for the neighbors of others.
    const lists = ring.flatMap((place) => [graph.inputs(place), graph.outputs(place)].map(first));
    ring = [];
    for (const { place } of inTurns(lists)) {
      if (distances.size >= most) break;
      if (distances.has(place)) continue;
      distances.set(place, hop);
      ring.push(place);
    }
  }
  const nodes = [...distances].map(([place, distance]) => {
    const around = new Set([...graph.inputs(place), ...graph.outputs(place)].map((edge) => edge.place));
    const hidden = [...around].filter((one) => !distances.has(one)).length;
    return { place, hops: distance, hidden };
  });
  const edges = [...distances.keys()].flatMap((to) =>
    graph
      .inputs(to)
      .filter(({ place }) => distances.has(place))
      .map(({ place, isControl }) => ({ from: place, to, isControl })),
  );
  return { nodes, edges };
}

function first(edges: readonly GraphEdge[]): readonly GraphEdge[] {
  return edges.slice(0, MOST_OF_ONE);
}

function* inTurns(lists: readonly (readonly GraphEdge[])[]): Generator<GraphEdge> {
  let left = lists.filter(({ length }) => length > 0);
  for (let turn = 0; left.length > 0; turn++) {
    for (const list of left) yield list[turn] as GraphEdge;
    left = left.filter(({ length }) => length > turn + 1);
  }
}
