import { expect, test } from "vitest";
import { type GraphRow, graphRows, matchingNodes, scopesAround } from "../../src/model/graph/graph-rows.js";
import { indexOf, metaGraphOf } from "./graphs.js";

const graph = indexOf(
  metaGraphOf({
    "a-b": ["NoOp"],
    "a/c": ["Const"],
    "a/b/d": ["Add", "a/c"],
    a: ["NoOp"],
    "ab/x": ["Const"],
    "/odd//name": ["NoOp"],
  }),
);

function texts(rows: readonly GraphRow[]): string[] {
  return rows.map((row) => {
    const what = row.kind === "group" ? `${row.label} (${row.count})` : row.label;
    return `${"  ".repeat(row.depth)}${what}`;
  });
}

test("the nodes of a scope follow each other, whatever characters other names have", () => {
  expect(texts(graphRows(graph, "scope", new Set()))).toEqual(["/ (1)", "a", "a/ (2)", "a-b", "ab/ (1)"]);
  expect(texts(graphRows(graph, "scope", new Set(["a/", "a/b/"])))).toEqual([
    "/ (1)",
    "a",
    "a/ (2)",
    "  b/ (1)",
    "    d",
    "  c",
    "a-b",
    "ab/ (1)",
  ]);
});

test("the nodes of a type are listed under it, the most frequent type first", () => {
  expect(texts(graphRows(graph, "type", new Set(["Const"])))).toEqual([
    "NoOp (3)",
    "Const (2)",
    "  a/c",
    "  ab/x",
    "Add (1)",
  ]);
});

test("a search finds names and types", () => {
  expect(texts(matchingNodes(graph, "CONST"))).toEqual(["a/c", "ab/x"]);
  expect(texts(matchingNodes(graph, "b/"))).toEqual(["a/b/d", "ab/x"]);
});

test("a name with a million scopes is listed", () => {
  const name = "s/".repeat(1_000_000);
  const deep = indexOf(metaGraphOf({ [name]: ["NoOp"] }));
  const rows = graphRows(deep, "scope", new Set(scopesAround(name)));
  expect(rows).toHaveLength(51);
  expect(rows.at(-1)?.kind).toBe("node");
});

test("100,000 nodes are listed and unfolded", () => {
  const entries = Array.from({ length: 100_000 }, (_, i) => [`layer_${i % 100}/op_${i}`, ["Add"]] as const);
  const large = indexOf(metaGraphOf(Object.fromEntries(entries) as never));
  expect(graphRows(large, "scope", new Set())).toHaveLength(100);
  const all = new Set(Array.from({ length: 100 }, (_, i) => `layer_${i}/`));
  expect(graphRows(large, "scope", all)).toHaveLength(100_100);
});
