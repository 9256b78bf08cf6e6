import { describe, expect, it } from "vitest";
import { constant, Graph, identity, importGraphDef } from "../../src/index.js";

const error = (kind: string) => expect.objectContaining({ kind });
const noOp = (graph: Graph, name: string) => graph.createOperation("NoOp", { name });

describe("the scopes of a graph", () => {
  it("can be read: name, device, control inputs, colocation", () => {
    const graph = new Graph();
    const [a, b] = [noOp(graph, "a"), noOp(graph, "b")];
    expect(graph.scopes).toMatchObject({ name: "", device: "", controlInputs: [], colocation: [] });
    graph.withNameScope("outer", () =>
      graph.withDevice("/job:ps", () =>
        graph.withDevice("/cpu:1", () =>
          graph.withControlDependencies([a], () =>
            graph.withControlDependencies([b], () => {
              expect(graph.scopes).toMatchObject({
                name: "outer",
                device: "/job:ps/device:CPU:1",
                controlInputs: [a, b],
                colocation: [],
              });
              expect(noOp(graph, "c").device).toBe(graph.scopes.device);
              graph.withColocation(a, () => {
                expect(graph.scopes).toMatchObject({ device: "", colocation: [a] });
              });
              graph.withDevice(null, () => expect(graph.scopes.device).toBe(""));
              graph.withDevice(
                (op) => op.device,
                () => expect(graph.scopes.device).toBe("/job:ps/device:CPU:1"),
              );
            }),
          ),
        ),
      ),
    );
  });

  it("stay as they were read, and can be entered again", () => {
    const graph = new Graph();
    const a = noOp(graph, "a");
    const scopes = graph.withNameScope("s", () =>
      graph.withDevice("/cpu:0", () => graph.withControlDependencies([a], () => graph.scopes)),
    );
    expect(graph.scopes.name).toBe("");
    const op = graph.withNameScope("other", () => graph.withScopes(scopes, () => noOp(graph, "b")));
    expect([op.name, op.device, [...op.controlInputs]]).toEqual(["s/b", "/device:CPU:0", [a]]);
    expect(graph.nameScope).toBe("");
  });

  it("keep which operations were made inside: their users don't wait again", () => {
    const graph = new Graph();
    const before = noOp(graph, "before");
    const { scopes, made } = graph.withControlDependencies([before], () => ({
      scopes: graph.scopes,
      made: constant(1, { graph, name: "made" }),
    }));
    const user = graph.withScopes(scopes, () => identity(made));
    expect(user.op.controlInputs.size).toBe(0);
  });

  it("can't be those of another graph, or made by hand", () => {
    const graph = new Graph();
    const build = () => undefined;
    expect(() => graph.withScopes(new Graph().scopes, build)).toThrow(error("ValueError"));
    const made = { name: "s", device: "", controlInputs: [], colocation: [] };
    expect(() => graph.withScopes(made, build)).toThrow(error("ValueError"));
  });
});

it("a name in use can be looked up without taking a name", () => {
  const graph = new Graph();
  noOp(graph, "a");
  graph.withNameScope("s", () => noOp(graph, "b"));
  const names = ["a", "A", "s", "s/b", "b"];
  const expected = ["a_1", "A_1", "s_1", "s/b_1", "b"];
  // Twice, because nothing is taken.
  for (let i = 0; i < 2; i++) expect(names.map((name) => graph.uniqueName(name, false))).toEqual(expected);
  expect(graph.withNameScope("s/", () => graph.uniqueName("b", false))).toBe("s/b_1");
  expect([graph.uniqueName("a"), graph.uniqueName("a", false)]).toEqual(["a_1", "a_2"]);
});

describe("the outputs of an operation of unknown type", () => {
  const unknown = () => new Graph().createOperation("Mystery", { name: "mystery" });

  it("can be declared", () => {
    const op = unknown();
    expect(op.outputs).toEqual([]);
    const second = op.findOutput(1);
    op.declareOutputs([
      { dtype: "float32", shape: [2, -1] },
      { dtype: "string", isRef: true },
    ]);
    expect(op.outputs.map(({ dtype, shape, isRef }) => [dtype, shape, isRef])).toEqual([
      ["float32", [2, -1], false],
      ["string", undefined, true],
    ]);
    expect(op.outputs[1]).toBe(second);
    expect(op.findOutput(2)).toBeUndefined();
    expect(identity(op.outputs[0] as never).shape).toEqual([2, -1]);
  });

  it("keep the shapes when the graph is exported and imported", () => {
    const op = unknown();
    op.declareOutputs([{ dtype: "float32", shape: [2] }]);
    const again = new Graph();
    importGraphDef(again, op.graph.toGraphDef(true));
    expect(again.operation("mystery").outputs.map(({ shape }) => shape)).toEqual([[2]]);
  });

  it("can't be fewer than those in use, and those of a known type can't be declared", () => {
    const op = unknown();
    op.findOutput(1);
    expect(() => op.declareOutputs([{ dtype: "float32" }])).toThrow(error("ValueError"));
    const { op: known } = constant(1, { graph: op.graph });
    expect(() => known.declareOutputs([{ dtype: "float32" }])).toThrow(error("ValueError"));
  });
});
