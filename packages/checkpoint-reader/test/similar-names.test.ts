import { type NamedTensor, similarNames } from "@tfsaver/checkpoint-reader";
import { describe, expect, it } from "vitest";

const found = (wanted: string, ...stored: string[]) =>
  similarNames(
    { name: wanted },
    stored.map((name) => ({ name })),
  ).map(({ name }) => name);

const float = (name: string, ...shape: number[]): NamedTensor => ({ name, dtype: "float32", shape });

describe("similarNames", () => {
  it.each([
    ["`:0` behind it", "fc/biases", "fc/biases:0"],
    ["no `:0` behind it", "fc/biases:0", "fc/biases"],
    ["no scope before it", "rnn/fc/weights", "fc/weights"],
    ["a scope before it", "fc/weights", "rnn/fc/weights"],
    ["several scopes before it", "weights", "a/b/weights"],
    ["another scope before it", "student/encoder/layer_0/kernel", "teacher/encoder/layer_0/kernel"],
    ["another form of the word", "rnn/fc/bias", "fc/biases"],
    ["another number", "dense_1/kernel", "dense/kernel"],
    ["a spelling mistake", "dense1/kernle", "dense1/kernel"],
    ["another case", "Dense1/Kernel", "dense1/kernel"],
  ])("finds a name with %s", (_, wanted, stored) => {
    const others = ["global_step", "fc/gamma", "dense9/recurrent", "x/y/z"];
    expect(found(wanted, ...others, stored)).toEqual([stored]);
  });

  it.each([
    ["fc/weights", "fc/biases"],
    ["fc/weights/Adam", "fc/weights/Momentum"],
    ["a", "b"],
    ["moving_mean", "moving_variance"],
    ["", "a"],
  ])("does not take %j for %j", (wanted, stored) => {
    expect(found(wanted, stored)).toEqual([]);
  });

  it("puts the most similar name first", () => {
    expect(found("rnn/fc/weights", "cnn/fc/weights", "fc/weights", "rnn/fc/weights:0")).toEqual([
      "rnn/fc/weights:0",
      "fc/weights",
      "cnn/fc/weights",
    ]);
  });

  it("finds the same last part and shape under quite another scope, and only then", () => {
    const wanted = float("model/encoder/kernel", 768, 64);
    expect(similarNames(wanted, [float("x/y/kernel", 768, 64)])).toHaveLength(1);
    expect(similarNames({ name: wanted.name }, [float("x/y/kernel", 768, 64)])).toHaveLength(0);
  });

  it("leaves out what has another dtype or shape", () => {
    const wanted = float("fc/w", 2, 3);
    expect(similarNames(wanted, [float("fc/w:0", 3, 2), { ...float("fc/w:0", 2, 3), dtype: "int32" }])).toEqual([]);
    expect(similarNames({ ...wanted, shape: [-1, 3] }, [float("fc/w:0", 2, 3)])).toHaveLength(1);
  });

  it("compares 100,000 names of a hostile file in little time", () => {
    const stored = Array.from({ length: 100_000 }, (_, i) => ({ name: `${"scope/".repeat(20)}kernel${i}` }));
    stored.push({ name: "k".repeat(10_000_000) });
    const start = performance.now();
    similarNames({ name: `${"scope/".repeat(20)}kernel` }, stored);
    similarNames({ name: "k".repeat(9_999_999) }, stored);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
