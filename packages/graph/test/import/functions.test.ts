import { bytesEqual, isCheckpointError } from "@tfsaver/core";
import { FunctionDef, FunctionDefLibrary } from "@tfsaver/proto/graph";
import { describe, expect, it } from "vitest";
import { jsonLines } from "../../../../fixtures/json-lines.js";
import { Graph, importGraphDef } from "../../src/index.js";
import recorded from "./tensorflow-functions.jsonl?raw";

/** One function, as two processes of TensorFlow serialized it. */
const [first, second] = jsonLines<{ function: string }>(recorded).map(({ function: base64 }) =>
  Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)),
) as [Uint8Array, Uint8Array];

function importing(graph: Graph, bytes: Uint8Array) {
  const library = FunctionDefLibrary.encode(FunctionDefLibrary.create({ function: [bytes] }));
  return importGraphDef(graph, { ...new Graph().toGraphDef(), library });
}

describe("a function that two graphs have", () => {
  it("is the same if only the order of its maps differs, as between two processes", () => {
    expect(bytesEqual(first, second)).toBe(false);
    const graph = new Graph();
    importing(graph, first);
    const before = graph.functionLibrary;
    importing(graph, second);
    expect(graph.functionLibrary).toEqual(before);
  });

  it("is the same if only the order of its nodes and control inputs differs", () => {
    const graph = new Graph();
    importing(graph, first);
    const def = FunctionDef.decode(first);
    const reversed = def.nodeDef.toReversed().map((node) => ({
      ...node,
      input: [
        ...node.input.filter((input) => !input.startsWith("^")),
        ...node.input.filter((input) => input.startsWith("^")).reverse(),
      ],
    }));
    importing(graph, FunctionDef.encode({ ...def, nodeDef: reversed }));
    expect(FunctionDefLibrary.decode(graph.functionLibrary as Uint8Array).function).toHaveLength(1);
  });

  it.each<[string, (def: FunctionDef) => FunctionDef]>([
    ["a node", (def) => ({ ...def, nodeDef: def.nodeDef.slice(1) })],
    [
      "the order of data inputs",
      (def) => ({ ...def, nodeDef: def.nodeDef.map((n) => ({ ...n, input: n.input.toReversed() })) }),
    ],
    ["a result", (def) => ({ ...def, ret: new Map([...def.ret].map(([name]) => [name, "x:0"])) })],
    ["an attribute", (def) => ({ ...def, attr: new Map([["new", { b: true }]]) })],
  ])("is another one if %s differs", (_, change) => {
    const graph = new Graph();
    importing(graph, first);
    let error: unknown;
    try {
      importing(graph, FunctionDef.encode(change(FunctionDef.decode(first))));
    } catch (thrown) {
      error = thrown;
    }
    expect(isCheckpointError(error, "ValueError")).toBe(true);
  });
});
