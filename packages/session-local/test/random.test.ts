import { bfloat16ToNumber, float16ToNumber, type Tensor } from "@tfsaver/core";
import { describe, expect, test } from "vitest";
import { LocalSession } from "../src/index.js";
import { type Described, described, fixture } from "./meta-files.js";

describe("seeded random operations", () => {
  const { graph, expected } = fixture<readonly [Described, Described]>("random-numbers");
  test.for(Object.entries(expected))("%s gives TensorFlow's numbers, run after run", async ([name, runs]) => {
    const session = new LocalSession(graph);
    for (const wanted of runs) {
      const tensor = (await session.run(`${name}:0`)) as Tensor;
      expect(described(tensor)).toEqual(wanted);
    }
  });
});

describe("initialisers", () => {
  const { graph, expected } = fixture<Described>("initializers");
  test.for(Object.entries(expected))("%s", async ([name, wanted]) => {
    const session = new LocalSession(graph);
    await session.run("init");
    const op = graph.operation(name);
    const tensor = (await session.run(op.type === "VariableV2" ? `${name}:0` : `${name}/Read/ReadVariableOp:0`)) as Tensor;
    expect(described(tensor)).toEqual(wanted);
  });
});
void bfloat16ToNumber; void float16ToNumber;
