import type { Neighborhood } from "./neighborhood.js";

/** Width and height of the box of a node. */
export const BOX = { width: 190, height: 42 } as const;

/** A point of a drawing. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A neighborhood with places on a plane. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** The centers of the nodes, in the order of the neighborhood's. */
  readonly nodes: readonly Point[];
  /** The corners of the edges, in the order of the neighborhood's. */
  readonly edges: readonly (readonly Point[])[];
}

/** Places the nodes in layers, from inputs on the left to outputs on the right. The library is loaded when it is first needed. */
export async function layOut({ nodes, edges }: Neighborhood): Promise<Drawing> {
  const { Graph, layout } = await import("@dagrejs/dagre");
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 52, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { place } of nodes) graph.setNode(String(place), { ...BOX });
  // An edge from a node to itself needs no room.
  for (const { from, to } of edges) if (from !== to) graph.setEdge(String(from), String(to));
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const centerOf = (place: number) => pointOf(graph.node(String(place)));
  const cornersOf = (from: number, to: number) => (graph.edge(String(from), String(to)).points ?? []).map(pointOf);
  return {
    width,
    height,
    nodes: nodes.map(({ place }) => centerOf(place)),
    edges: edges.map(({ from, to }) =>
      from === to ? [] : fromSideToSide(centerOf(from), cornersOf(from, to), centerOf(to)),
    ),
  };
}

/** Lets an edge leave a box on the right and reach the next on the left. An edge of a cycle goes back as it is. */
function fromSideToSide(from: Point, corners: readonly Point[], to: Point): readonly Point[] {
  const half = BOX.width / 2;
  if (to.x - from.x < BOX.width) return corners;
  return [{ x: from.x + half, y: from.y }, ...corners.slice(1, -1), { x: to.x - half, y: to.y }];
}

/** Returns an edge as the path of an SVG: curves that leave and reach each corner horizontally. */
export function pathOf(corners: readonly Point[]): string {
  const text = ({ x, y }: Point) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  return corners
    .map((corner, i) => {
      const before = corners[i - 1];
      if (before === undefined) return `M${text(corner)}`;
      const middle = (before.x + corner.x) / 2;
      return `C${text({ x: middle, y: before.y })} ${text({ x: middle, y: corner.y })} ${text(corner)}`;
    })
    .join(" ");
}

function pointOf({ x = 0, y = 0 }: { readonly x?: number; readonly y?: number }): Point {
  return { x, y };
}

/** Returns the node that is nearest in a direction; undefined if there is none. */
export function nodeInDirection(nodes: readonly Point[], from: number, direction: Direction): number | undefined {
  const start = nodes[from];
  if (start === undefined) return undefined;
  const [dx, dy] = DIRECTIONS[direction];
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [i, { x, y }] of nodes.entries()) {
    const along = (x - start.x) * dx + (y - start.y) * dy;
    const aside = Math.abs((x - start.x) * dy) + Math.abs((y - start.y) * dx);
    if (along <= 0.5) continue;
    const distance = along + 2 * aside;
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}

/** A direction of an arrow key. */
export type Direction = keyof typeof DIRECTIONS;

const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } as const;

/** True if a key is an arrow. */
export function isDirection(key: string): key is Direction {
  return Object.hasOwn(DIRECTIONS, key);
}
