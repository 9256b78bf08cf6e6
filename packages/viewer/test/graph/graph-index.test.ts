import { expect, test } from "vitest";
import { neighborhood } from "../../src/model/graph/neighborhood.js";
import { indexOf, metaGraphOf } from "./graphs.js";

/** A while loop as TensorFlow 1 writes it: its edges go in a circle. */
const loop = indexOf(
  metaGraphOf({
    start: ["Const"],
    enter: ["Enter", "start"],
    merge: ["Merge", "enter", "next:0"],
    switch: ["Switch", "merge", "merge:1"],
    body: ["Add", "switch:1", "switch:1", "^start"],
    next: ["NextIteration", "body"],
    exit: ["Exit", "switch"],
  }),
);

function place(name: string): number {
  return loop.placeOf(name) as number;
}

test("inputs and outputs are listed once, control inputs are told apart", () => {
  const named = (edges: ReturnType<typeof loop.inputs>) =>
    edges.map(({ place: at, isControl }) => (isControl ? `^${loop.name(at)}` : loop.name(at)));
  expect(named(loop.inputs(place("body")))).toEqual(["switch", "^start"]);
  expect(named(loop.outputs(place("start")))).toEqual(["enter", "^body"]);
  expect(named(loop.outputs(place("switch")))).toEqual(["body", "exit"]);
  expect(named(loop.outputs(place("exit")))).toEqual([]);
});

test("the neighborhood of a node in a loop ends", () => {
  const { nodes, edges } = neighborhood(loop, place("merge"), 3, 60);
  const distances = Object.fromEntries(nodes.map(({ place: at, hops }) => [loop.name(at), hops]));
  expect(distances).toEqual({ merge: 0, enter: 1, next: 1, switch: 1, start: 2, body: 2, exit: 2 });
  expect(edges).toHaveLength(8);
  expect(nodes.every(({ hidden }) => hidden === 0)).toBe(true);
});

test("nodes beyond the limit are counted, and a node with thousands of outputs leaves room for the others", () => {
  const outputs = Array.from({ length: 5000 }, (_, i) => [`out/${i}`, ["Identity", "hub"] as const] as const);
  const graph = indexOf(metaGraphOf({ a: ["Const"], hub: ["Add", "a"], ...Object.fromEntries(outputs) } as never));
  const { nodes } = neighborhood(graph, graph.placeOf("a") as number, 2, 10);
  expect(nodes).toHaveLength(10);
  expect(nodes.map(({ place: at }) => graph.name(at)).slice(0, 2)).toEqual(["a", "hub"]);
  expect(nodes[1]?.hidden).toBe(5000 - 8);
});

test("a graph that lies is listed: inputs that are missing, of themselves, of several names, or with odd ports", () => {
  const graph = indexOf(
    metaGraphOf({
      self: ["Add", "self", "self:7", "^self"],
      lost: ["Add", "nowhere", "^", "^^self", ":", "self:99999999999999999999", "self:-1"],
      "": ["NoOp", "self"],
    }),
  );
  const self = graph.placeOf("self") as number;
  expect(graph.inputs(self)).toEqual([{ place: self, isControl: false }]);
  expect(graph.inputs(graph.placeOf("lost") as number).map(({ place: at }) => graph.name(at))).toEqual([""]);
  expect(neighborhood(graph, self, 3, 60).nodes).toHaveLength(3);
});
