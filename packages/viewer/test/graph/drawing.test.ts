import { expect, test } from "vitest";
import { BOX, layOut, nodeInDirection, pathOf } from "../../src/model/graph/layout.js";
import { neighborhood } from "../../src/model/graph/neighborhood.js";
import { firstView, fitAll, panBy, reveal, viewBoxOf, zoomBy } from "../../src/model/graph/pan-zoom.js";
import { indexOf, metaGraphOf } from "./graphs.js";

test("inputs lie on the left, outputs on the right, also in a loop, and no boxes overlap", async () => {
  const graph = indexOf(
    metaGraphOf({
      a: ["Const"],
      b: ["Add", "a", "d"],
      c: ["Add", "b", "c"],
      d: ["NextIteration", "b"],
      e: ["NoOp", "^c"],
    }),
  );
  const near = neighborhood(graph, graph.placeOf("b") as number, 3, 60);
  const { nodes, edges, width, height } = await layOut(near);
  const at = (name: string) => nodes[near.nodes.findIndex(({ place }) => graph.name(place) === name)] as { x: number };
  expect(at("a").x).toBeLessThan(at("b").x);
  expect(at("b").x).toBeLessThan(at("c").x);
  expect(at("c").x).toBeLessThan(at("e").x);
  for (const [i, one] of nodes.entries()) {
    expect(one.x >= 0 && one.x <= width && one.y >= 0 && one.y <= height).toBe(true);
    for (const other of nodes.slice(i + 1)) {
      const isApart = Math.abs(one.x - other.x) >= BOX.width || Math.abs(one.y - other.y) >= BOX.height;
      expect(isApart).toBe(true);
    }
  }
  expect(edges).toHaveLength(near.edges.length);
  // An edge from a node to itself is not drawn.
  expect(near.edges.map(({ from, to }, i) => from !== to || pathOf(edges[i] ?? []) === "")).not.toContain(false);
});

test("arrow keys go to the nearest node in their direction", () => {
  const nodes = [
    { x: 0, y: 0 },
    { x: 200, y: 0 },
    { x: 200, y: 60 },
    { x: -200, y: 10 },
  ];
  expect(nodeInDirection(nodes, 0, "ArrowRight")).toBe(1);
  expect(nodeInDirection(nodes, 1, "ArrowDown")).toBe(2);
  expect(nodeInDirection(nodes, 0, "ArrowLeft")).toBe(3);
  expect(nodeInDirection(nodes, 3, "ArrowLeft")).toBeUndefined();
});

test("a small drawing is shown whole, a large one around its center in readable size", () => {
  const window = { width: 400, height: 300 };
  expect(firstView({ width: 200, height: 100 }, window, { x: 1, y: 1 })).toEqual({
    center: { x: 100, y: 50 },
    scale: 1,
  });
  expect(firstView({ width: 4000, height: 3000 }, window, { x: 7, y: 8 })).toEqual({
    center: { x: 7, y: 8 },
    scale: 0.8,
  });
  expect(fitAll({ width: 4000, height: 3000 }, window).scale).toBe(0.1);
});

test("zooming keeps a point where it is, moving follows the pointer, and a hidden box is moved into view", () => {
  const window = { width: 400, height: 300 };
  const view = { center: { x: 0, y: 0 }, scale: 1 };
  const zoomed = zoomBy(view, 2, { x: 100, y: 50 });
  expect(zoomed).toEqual({ center: { x: 50, y: 25 }, scale: 2 });
  expect(panBy(zoomed, 10, 0).center.x).toBe(45);
  expect(viewBoxOf(zoomed, window)).toBe("-50.00 -50.00 200.00 150.00");
  const shown = reveal(view, window, { x: 1000, y: 0 }, BOX);
  expect(shown.center).toEqual({ x: 1000 - 200 + BOX.width / 2, y: 0 });
  expect(reveal(shown, window, { x: 1000, y: 0 }, BOX)).toEqual(shown);
});
