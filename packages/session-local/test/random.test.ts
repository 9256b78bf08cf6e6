import { bfloat16ToNumber, float16ToNumber, type Tensor, ValueError } from "@tfsaver/core";
import { attr, constant, Graph, type Output } from "@tfsaver/graph";
import { describe, expect, test } from "vitest";
import { LocalSession } from "../src/index.js";
import { type Described, described, fixture } from "./meta-files.js";

/** How far a normal number may be off, relative to itself: the logarithm's and the sine's last digit. */
const TOLERANCE: Partial<Record<string, number>> = { float32: 4e-7, float64: 2e-14 };

function numbers(dtype: string, bytes: Uint8Array): number[] {
  const { buffer } = Uint8Array.from(bytes);
  if (dtype === "float64") return [...new Float64Array(buffer)];
  if (dtype === "float32") return [...new Float32Array(buffer)];
  return [...new Uint16Array(buffer)].map(dtype === "float16" ? float16ToNumber : bfloat16ToNumber);
}

function expectClose(tensor: Tensor, wanted: Described): void {
  const { bytes_b64: actual = "", ...form } = described(tensor);
  const { bytes_b64: expected = "", ...wantedForm } = wanted;
  expect(form).toEqual(wantedForm);
  const tolerance = TOLERANCE[form.dtype] ?? 0;
  const wantedNumbers = numbers(form.dtype, Buffer.from(expected, "base64"));
  for (const [i, number] of numbers(form.dtype, Buffer.from(actual, "base64")).entries()) {
    const other = wantedNumbers[i] as number;
    expect(Math.abs(number - other)).toBeLessThanOrEqual(tolerance * Math.abs(other));
  }
}

describe("seeded random operations give TensorFlow's numbers, run after run", () => {
  const { graph, expected } = fixture<readonly [Described, Described]>("random-numbers");
  const cases = Object.entries(expected);
  const isUniform = ([name]: readonly [string, unknown]) => name.startsWith("RandomUniform");

  test.for(cases.filter(isUniform))("%s, to the bit", async ([name, runs]) => {
    const session = new LocalSession(graph);
    for (const wanted of runs) expect(described((await session.run(`${name}:0`)) as Tensor)).toEqual(wanted);
  });

  test.for(cases.filter((entry) => !isUniform(entry)))("%s, but for the last digit", async ([name, runs]) => {
    const session = new LocalSession(graph);
    for (const wanted of runs) expectClose((await session.run(`${name}:0`)) as Tensor, wanted);
  });
});

describe("initializers give TensorFlow's values", () => {
  const { graph, expected } = fixture<Described>("initializers");
  test.for(Object.entries(expected))("%s", async ([name, wanted]) => {
    const session = new LocalSession(graph);
    await session.run("init");
    const isReference = graph.operation(name).type === "VariableV2";
    const tensor = await session.run(isReference ? `${name}:0` : `${name}/Read/ReadVariableOp:0`);
    if (wanted.dtype.includes("float")) expectClose(tensor as Tensor, wanted);
    else expect(described(tensor as Tensor)).toEqual(wanted);
  });
});

describe("random operations without a seed", () => {
  function unseeded() {
    const graph = new Graph();
    const shape = constant(Int32Array.of(4), { graph });
    const [a, b] = ["a", "b"].map((name) =>
      graph.createOperation("RandomUniform", {
        name,
        inputs: [shape],
        attrs: { dtype: attr.type("float32"), T: attr.type("int32") },
      }),
    );
    return { graph, outputs: [a?.outputs[0], b?.outputs[0]] as [Output, Output] };
  }

  test("differ between sessions, and from each other", async () => {
    const { graph, outputs } = unseeded();
    const [a, b] = await new LocalSession(graph).run(outputs);
    const [again] = await new LocalSession(graph).run(outputs);
    expect(a.data).not.toEqual(again.data);
    expect(a.data).not.toEqual(b.data);
  });

  test("repeat if the session has a seed", async () => {
    const { graph, outputs } = unseeded();
    const session = new LocalSession(graph, { seed: 1 });
    const [a, b] = await session.run(outputs);
    expect(a.data).not.toEqual(b.data);
    expect((await session.run(outputs))[0].data).not.toEqual(a.data);
    expect(await new LocalSession(graph, { seed: 1n }).run(outputs)).toEqual([a, b]);
    expect(await new LocalSession(graph, { seed: 2 }).run(outputs)).not.toEqual([a, b]);
  });

  test("a session's seed must be an integer", () => {
    expect(() => new LocalSession(new Graph(), { seed: 0.5 })).toThrow(ValueError);
  });
});
