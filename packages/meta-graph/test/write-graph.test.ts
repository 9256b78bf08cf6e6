import { Graph, Variable } from "@tfsaver/graph";
import { GraphDef } from "@tfsaver/proto/graph";
import { graphDefFromText } from "@tfsaver/proto/meta-graph/text";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { beforeEach, describe, expect, it } from "vitest";
import { textOf } from "../../../fixtures/storage-files.js";
import { writeGraph } from "../src/index.js";

let graph: Graph;
let storage: MemoryStorage;
beforeEach(() => {
  graph = new Graph();
  storage = new MemoryStorage();
  Variable.create([1, 2], { graph, name: "v" });
});

describe("writing a graph", () => {
  it("returns the path of a text file", async () => {
    await storage.createDirectory("out");
    expect(await writeGraph(graph, "out", "graph.pbtxt", { storage })).toBe("out/graph.pbtxt");
    const text = await textOf(storage, "out/graph.pbtxt");
    expect(text).toMatch(/^node \{\n {2}name: "v\/initial_value"\n {2}op: "Const"\n/);
    expect(graphDefFromText(text)).toEqual(GraphDef.decode(GraphDef.encode(graph.toGraphDef())));
  });

  it("makes missing folders", async () => {
    expect(await writeGraph(graph, "/one/two/three", "graph.pbtxt", { storage })).toBe("/one/two/three/graph.pbtxt");
    expect((await storage.list("/one/two/three")).map(({ name }) => name)).toEqual(["graph.pbtxt"]);
  });

  it("accepts a message, and can write bytes", async () => {
    const graphDef = graph.toGraphDef();
    const path = await writeGraph(graphDef, "", "graph.pb", { asText: false, storage });
    expect(path).toBe("graph.pb");
    expect(await readFile(storage, path)).toEqual(GraphDef.encode(graphDef));
  });
});
