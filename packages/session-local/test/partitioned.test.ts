import { toTensor } from "@tfsaver/core";
import { cast, constant, Graph, PartitionedVariable, type Variable } from "@tfsaver/graph";
import { describe, expect, test } from "vitest";
import { LocalSession } from "../src/index.js";

const whole = toTensor(
  Array.from({ length: 15 }, (_, i) => i),
  "float32",
  [5, 3],
);

describe("a partitioned variable", () => {
  test.each([
    ["reference", "rows", false, 0, 2],
    ["resource", "rows", true, 0, 3],
    ["reference", "columns", false, 1, 3],
    ["resource", "columns", true, 1, 2],
    ["resource", "one part", true, 0, 1],
  ])("%s, cut into %s, is the whole again", async (_, __, useResource, axis, partitions) => {
    for (const inGraph of [false, true]) {
      const graph = new Graph();
      const value = inGraph ? constant(whole, { graph }) : whole;
      const variable = PartitionedVariable.create(value, { graph, name: "p", partitions, axis, useResource });
      expect(variable.parts).toHaveLength(partitions);
      const session = new LocalSession(graph);
      await session.run(variable.parts.map(({ initializer }) => initializer));
      expect(await session.run(variable.asTensor())).toEqual(whole);
      const last = variable.parts.at(-1) as Variable;
      expect((await session.run(last)).shape).toEqual(last.saveSliceInfo?.varShape);
    }
  });
});

test("a cast converts to another dtype, and returns its input for the same dtype", async () => {
  const graph = new Graph();
  const value = constant([1.5, -2.5], { graph });
  expect(cast(value, "float32")).toBe(value);
  expect(await new LocalSession(graph).run(cast(value, "int64"))).toMatchObject({ data: BigInt64Array.of(1n, -2n) });
});
