import { readdirSync, readFileSync } from "node:fs";
import { GraphDef } from "@tfsaver/proto/graph";
import { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { Graph, importGraphDef } from "../../src/index.js";

const files = readdirSync(goldensFolder, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".meta"),
);

function readGolden(file: string) {
  const { graphDef, metaInfoDef } = MetaGraphDef.decode(readFileSync(`${goldensFolder}${file}`));
  return { graphDef: graphDef as GraphDef, opDefs: metaInfoDef?.strippedOpList?.op ?? [] };
}

const encoded = (graphDef: GraphDef) => Buffer.from(GraphDef.encode(graphDef)).toString("base64");

describe.each(files)("the graph of golden %s", (file) => {
  it("is the same, byte for byte, after import and export", () => {
    const { graphDef, opDefs } = readGolden(file);
    const graph = new Graph();
    importGraphDef(graph, graphDef, { opDefs });
    expect(encoded(graph.toGraphDef(true))).toBe(encoded(graphDef));
  });

  it("is the same after import and export if all types are unknown", () => {
    const { graphDef } = readGolden(file);
    const renamed = { ...graphDef, node: graphDef.node.map((node) => ({ ...node, op: `My${node.op}` })) };
    const graph = new Graph();
    importGraphDef(graph, renamed);
    expect(encoded(graph.toGraphDef(true))).toBe(encoded(renamed));
  });

  it("can be imported twice into a graph", () => {
    const { graphDef, opDefs } = readGolden(file);
    const graph = new Graph();
    importGraphDef(graph, graphDef, { opDefs });
    const { operations: again } = importGraphDef(graph, graphDef, { opDefs });
    expect(graph.size).toBe(2 * graphDef.node.length);
    const [first, second] = [new Set(graph.operations.slice(0, again.size)), new Set(again.values())];
    for (const op of second) {
      expect(op.name).toMatch(/_\d+$/);
      for (const input of op.inputs) expect(second).toContain(input.op);
      for (const other of op.controlInputs) expect(first).not.toContain(other);
      for (const group of op.colocationGroups) expect(second).toContain(graph.operation(group.slice("loc:@".length)));
    }
  });
});

describe("an operation of an unknown type", () => {
  it("has the outputs of its recorded shapes, and others on demand", () => {
    const { graphDef } = readGolden(files.find((name) => name.startsWith("v2-with-meta")) as string);
    const graph = new Graph();
    importGraphDef(graph, { ...graphDef, node: graphDef.node.map((node) => ({ ...node, op: "Mystery" })) });
    const restore = graph.operation("save/RestoreV2");
    const told = graphDef.node.find(({ name }) => name === "save/RestoreV2")?.attr.get("_output_shapes")?.list?.shape;
    expect(restore.outputs).toHaveLength((told ?? []).length);
    expect(restore.outputs[0]).toMatchObject({ dtype: undefined, isRef: false, name: "save/RestoreV2:0" });
    const far = graph.output("save/RestoreV2:1000000000");
    expect(graph.output(far.name)).toBe(far);
    expect(restore.outputs).toHaveLength((told ?? []).length);
  });
});
