import { toTensor } from "@tfsaver/core";
import { attr, constant, Graph, PartitionedVariable, placeholder, Variable } from "@tfsaver/graph";
import { LocalSession } from "@tfsaver/session-local";
import { expect, it } from "vitest";
import { lyingTensors } from "../../../fixtures/lying-tensors.js";
import { rejection } from "../../../fixtures/rejection.js";

it.each(lyingTensors)("$what is no initial value and no constant, and adds nothing to the graph", ({ value }) => {
  const graph = new Graph();
  const refused = expect.objectContaining({ kind: "InvalidArgumentError" });
  expect(() => Variable.create(value, { graph, name: "w" })).toThrow(refused);
  expect(() => Variable.create(value, { graph, name: "w", useResource: true })).toThrow("Variable w: ");
  expect(() => PartitionedVariable.create(value, { graph, name: "w", partitions: 2 })).toThrow("Variable w: ");
  expect(() => constant(value, { graph, name: "c" })).toThrow("Constant c: ");
  expect(graph.operations).toHaveLength(0);
  expect(Variable.create(1, { graph, name: "w" }).name).toBe("w:0");
});

it.each(lyingTensors)("$what can't be fed", async ({ value }) => {
  const graph = new Graph();
  const fed = placeholder("float32", { graph, name: "x" });
  const error = await rejection(new LocalSession(graph).run(fed, new Map([[fed, value]])));
  expect(error).toMatchObject({ kind: "InvalidArgumentError", message: expect.stringContaining("x:0") });
});

it.each(lyingTensors)("$what can't be the result of a kernel, nor be assigned by one", async ({ value }) => {
  const graph = new Graph();
  const variable = Variable.create(toTensor([1, 2]), { graph, name: "w" });
  const inputs = [variable.handle];
  const op = graph.createOperation("Identity", { name: "made", inputs, attrs: { T: attr.type("float32") } });
  for (const kernel of [() => value, async () => value, () => [value]]) {
    const session = new LocalSession(graph, { kernels: { Identity: kernel } });
    await session.run(variable.initializer);
    const error = await rejection(session.run(op.outputs[0] as never));
    expect(error).toMatchObject({ kind: "InvalidArgumentError", op: "made" });
  }
  const session = new LocalSession(graph);
  await session.run(variable.initializer);
  session.registerKernel("Identity", (call) => call.assign(call.variable(0), value));
  expect(await rejection(session.run(op))).toMatchObject({ kind: "InvalidArgumentError" });
});
