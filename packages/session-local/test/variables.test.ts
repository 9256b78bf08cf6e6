import { allocateTensor, makeTensor, type Tensor } from "@tfsaver/core";
import { attr, Graph, identity, type Operation, type Output, placeholder } from "@tfsaver/graph";
import { describe, expect, test } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import { LocalSession } from "../src/index.js";
import { asOutput, assign, floats, handle, operation, read, variable } from "./graphs.js";

// All expectations, messages included, come from TensorFlow 2.21.

const node = (name: string) => `\n\t [[{{node ${name}}}]]`;

describe("a reference variable", () => {
  test("has a value per session, and none at first", async () => {
    const graph = new Graph();
    const a = variable(graph, "a", "float32", [2]);
    const isSet = operation("IsVariableInitialized", "isSet", [a]);
    assign(a, [1, 2], "set");
    identity(a, { name: "read" });
    const session = new LocalSession(graph);
    const message = "Attempting to use uninitialized value a";

    expect(await session.run("a")).toBeNull();
    expect(await session.run(isSet.outputs[0] as Output)).toEqual(makeTensor("bool", [], Uint8Array.of(0)));
    const kind = "FailedPreconditionError";
    expect(await rejection(session.run("a:0"))).toMatchObject({ kind, op: "a", message: message + node("a") });
    expect(await rejection(session.run("read:0"))).toMatchObject({ kind, op: "read", message: message + node("read") });

    expect(await session.run("set:0")).toEqual(floats(1, 2));
    expect(await session.run(["a:0", "read:0", "isSet:0"])).toEqual([
      floats(1, 2),
      floats(1, 2),
      makeTensor("bool", [], Uint8Array.of(1)),
    ]);
    expect(await rejection(new LocalSession(graph).run("a:0"))).toMatchObject({ kind });
  });

  test("without elements needs no value", async () => {
    const graph = new Graph();
    const empty = [variable(graph, "a", "float32", [0, 3]), variable(graph, "b", "string", [0])];
    expect(await new LocalSession(graph).run(empty)).toEqual([
      allocateTensor("float32", [0, 3]),
      makeTensor("string", [0], []),
    ]);
  });

  test("keeps its shape if shapes are validated", async () => {
    const graph = new Graph();
    const a = variable(graph, "a", "float32", [3]);
    const value = placeholder("float32", { graph, name: "value" });
    assign(a, value, "checked");
    assign(a, value, "unchecked", false);
    const session = new LocalSession(graph);
    const message = (lhs: string, rhs: string) =>
      `Assign requires shapes of both tensors to match. lhs shape= ${lhs} rhs shape= ${rhs}${node("checked")}`;

    const kind = "InvalidArgumentError";
    const first = await rejection(session.run("checked", { "value:0": [1, 2] }));
    expect(first).toMatchObject({ kind, op: "checked", message: message("[3]", "[2]") });
    await session.run("unchecked", { "value:0": [1, 2] });
    expect(await session.run("a:0")).toEqual(floats(1, 2));
    const second = await rejection(session.run("checked", { "value:0": [[1], [2]] }));
    expect(second).toMatchObject({ message: message("[2]", "[2,1]") });
    await session.run("checked", { "value:0": [3, 4] });
    expect(await session.run("a:0")).toEqual(floats(3, 4));
  });

  test("of an unknown shape counts as a scalar while shapes are validated", async () => {
    const graph = new Graph();
    const a = variable(graph, "a", "float32", undefined);
    const error = await rejection(new LocalSession(graph).run(assign(a, [1, 2])));
    expect(error.message).toContain("lhs shape= [] rhs shape= [2]");
    const partly = variable(graph, "partly", "float32", [-1, 2]);
    expect(await rejection(new LocalSession(graph).run(partly))).toMatchObject({
      kind: "InvalidArgumentError",
      message: `Shape [?,2] is not fully defined${node("partly")}`,
    });
  });

  test("is shared by operations with the same name", async () => {
    const graph = new Graph();
    const named = (name: string, container = "") =>
      graph.createOperation("VariableV2", {
        name,
        attrs: {
          dtype: attr.type("float32"),
          shape: attr.shape([2]),
          shared_name: attr.string("shared"),
          container: attr.string(container),
        },
      }).outputs[0] as Output;
    const [first, second, elsewhere] = [named("first"), named("second"), named("elsewhere", "c")];
    const session = new LocalSession(graph);
    await session.run(assign(first, [5, 6]));
    expect(await session.run(second)).toEqual(floats(5, 6));
    expect(await rejection(session.run(elsewhere))).toMatchObject({ kind: "FailedPreconditionError" });
  });

  test("is counted up and down, in its own memory", async () => {
    const graph = new Graph();
    const step = variable(graph, "step", "int64", []);
    assign(step, 2 ** 53, "set");
    operation("AssignAdd", "up", [step, asOutput(graph, 1, "int64")]);
    operation("AssignSub", "down", [step, asOutput(graph, 3, "int64")]);
    operation("AssignAdd", "wrong", [step, asOutput(graph, [1], "int64")]);
    const session = new LocalSession(graph);
    expect(await rejection(session.run("up"))).toMatchObject({
      kind: "FailedPreconditionError",
      message: `Attempting to use uninitialized value step${node("up")}`,
    });
    await session.run("set");
    const before = (await session.run("step:0")) as Tensor;
    expect(await session.run("up:0")).toEqual(makeTensor("int64", [], BigInt64Array.of(2n ** 53n + 1n)));
    expect(await session.run("down:0")).toEqual(makeTensor("int64", [], BigInt64Array.of(2n ** 53n - 2n)));
    expect(before.data).toEqual(BigInt64Array.of(2n ** 53n));
    expect((await rejection(session.run("wrong"))).message).toContain("Parameters and update must be the same size");
  });
});

describe("a resource variable", () => {
  /** Adds a variable with all its operations. */
  function resource() {
    const graph = new Graph();
    const r = handle(graph, "r", "float32", [2]);
    const value = placeholder("float32", { graph, name: "value" });
    read(graph, r, "float32", "read");
    read(graph, r, "int32", "readInt");
    const assigned = (name: string, validate: boolean) =>
      operation("AssignVariableOp", name, [r, value], { validate_shape: attr.bool(validate) });
    assigned("set", false);
    assigned("setChecked", true);
    operation("AssignAddVariableOp", "add", [r, value]);
    operation("AssignSubVariableOp", "sub", [r, value]);
    graph.createOperation("VarIsInitializedOp", { name: "isSet", inputs: [r] });
    graph.createOperation("DisableCopyOnRead", { name: "disable", inputs: [r] });
    return { graph, r, session: new LocalSession(graph) };
  }

  test("has no value at first", async () => {
    const { session } = resource();
    expect(await session.run("isSet:0")).toEqual(makeTensor("bool", [], Uint8Array.of(0)));
    for (const op of ["read", "disable"]) {
      const error = await rejection(session.run(op));
      expect(error).toMatchObject({ kind: "FailedPreconditionError", op });
      expect(error.message).toMatch(/^Could not find variable r\b.*uninitialized/);
      expect(error.message).toContain(node(op));
    }
    const error = await rejection(session.run("add", { "value:0": [1, 2] }));
    expect(error).toMatchObject({
      kind: "NotFoundError",
      message: `Resource localhost/r does not exist.${node("add")}`,
    });
  });

  test("is assigned and updated", async () => {
    const { session } = resource();
    await session.run("set", { "value:0": [1, 2] });
    await session.run("disable");
    await session.run("add", { "value:0": [10, 20] });
    await session.run("sub", { "value:0": [1, 1] });
    expect(await session.run(["read:0", "isSet:0"])).toEqual([
      floats(10, 21),
      makeTensor("bool", [], Uint8Array.of(1)),
    ]);
  });

  test("takes any shape, unless it has one and shapes are validated", async () => {
    const { session } = resource();
    await session.run("setChecked", { "value:0": [1, 2, 3] });
    await session.run("set", { "value:0": [1, 2, 3, 4] });
    expect(await session.run("read:0")).toEqual(floats(1, 2, 3, 4));
    const kind = "InvalidArgumentError";
    expect(await rejection(session.run("setChecked", { "value:0": [1] }))).toMatchObject({
      kind,
      message: `Trying to assign to variable with tensor with wrong shape. Expected [4] got [1]${node("setChecked")}`,
    });
    expect(await rejection(session.run("add", { "value:0": 1 }))).toMatchObject({
      kind,
      message: `Cannot update variable with shape [4] using a Tensor with shape [], shapes must be equal.${node("add")}`,
    });
  });

  test("keeps its dtype", async () => {
    const { graph, session } = resource();
    await session.run("set", { "value:0": [1, 2] });
    const message = "Trying to read variable with wrong dtype. Expected int32 got float";
    expect((await rejection(session.run("readInt:0"))).message).toBe(message + node("readInt"));
    const other = handle(graph, "other", "int32", [2], "r");
    const set = operation("AssignVariableOp", "setInt", [other, asOutput(graph, [1, 2], "int32")]);
    expect((await rejection(session.run(set))).message).toBe(
      `Trying to assign variable with wrong dtype. Expected float got int32${node("setInt")}`,
    );
  });

  test("is found by its shared name, else by the handle's own", async () => {
    const { graph, session } = resource();
    await session.run("set", { "value:0": [1, 2] });
    const again = read(graph, handle(graph, "again", "float32", [2], "r"), "float32", "readAgain");
    expect(await session.run(again)).toEqual(floats(1, 2));
    const [one, two] = ["one", "two"].map((name) => handle(graph, name, "float32", [], "")) as [Output, Output];
    await session.run(operation("AssignVariableOp", "setOne", [one, asOutput(graph, 1)]));
    expect((await session.run(read(graph, one, "float32", "readOne"))).data).toEqual(Float32Array.of(1));
    const error = await rejection(session.run(read(graph, two, "float32", "readTwo")));
    expect(error.message).toContain("Could not find variable two");
  });

  test("is not a tensor", async () => {
    const { graph, r, session } = resource();
    const kind = "InvalidArgumentError";
    expect(await rejection(session.run(r))).toMatchObject({ kind, op: "r" });
    const taken = graph.createOperation("Neg", { name: "neg", inputs: [r], attrs: { T: attr.type("float32") } });
    expect(await rejection(session.run(taken))).toMatchObject({ kind, op: "neg" });
  });
});

test("a tensor can't replace a variable", async () => {
  const graph = new Graph();
  const ops: Operation[] = [
    operation("Assign", "assign", [asOutput(graph, 1), asOutput(graph, 1)], { validate_shape: attr.bool(true) }),
    graph.createOperation("ReadVariableOp", {
      name: "read",
      inputs: [asOutput(graph, 1)],
      attrs: { dtype: attr.type("float32") },
    }),
  ];
  for (const op of ops) {
    const error = await rejection(new LocalSession(graph).run(op));
    expect(error).toMatchObject({ kind: "InvalidArgumentError", op: op.name });
  }
});
