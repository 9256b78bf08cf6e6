import { Graph, PartitionedVariable } from "@tfsaver/graph";
import { beforeEach, describe, expect, it } from "vitest";
import { BulkSaverBuilder } from "../src/index.js";

let graph: Graph;
let variable: PartitionedVariable;
beforeEach(() => {
  graph = new Graph();
  variable = PartitionedVariable.create([1, 2, 3], { graph, name: "p", partitions: 2 });
});

const build = () => new BulkSaverBuilder().build([variable], { graph });
const namesSince = (size: number) => graph.operations.slice(size).map(({ name }) => name);

// From the specification, 4.6, and TensorFlow 2.21 itself.
describe("a partitioned variable in a collection", () => {
  it("is joined once, outside of the saver's scope, in any collection", () => {
    graph.addToCollection("mine", variable, "text");
    graph.addToCollection("others", variable);
    graph.withNameScope("outer", () => build());
    const names = namesSince(0).filter((name) => !name.startsWith("outer/save/") && !name.startsWith("p/part_"));
    expect(names).toEqual(["p/ConcatPartitions/concat/axis", "p/ConcatPartitions/concat", "p"]);
    const { size } = graph;
    build();
    expect(namesSince(size).every((name) => name.startsWith("save/"))).toBe(true);
  });

  it("is not joined to be saved", () => {
    build();
    expect(graph.findOperation("p")).toBeUndefined();
    expect(graph.operation("save/SaveV2").inputs.map(({ name }) => name)).toEqual([
      "save/Const:0",
      "save/SaveV2/tensor_names:0",
      "save/SaveV2/shape_and_slices:0",
      "p/part_0/read:0",
      "p/part_1/read:0",
    ]);
  });
});
