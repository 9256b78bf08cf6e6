import { GraphDef, VariableDef } from "@tfsaver/proto/graph";
import { describe, expect, it } from "vitest";
import {
  constant,
  Graph,
  GraphKeys,
  importGraphDef,
  placeholder,
  resetDefaultGraph,
  Variable,
} from "../../src/index.js";
import { Program, recordedPrograms } from "../program.js";

const { GLOBAL_VARIABLES, TRAINABLE_VARIABLES } = GraphKeys;
const encoded = (variable: Variable) => Buffer.from(VariableDef.encode(variable.toProto())).toString("base64");
const decoded = (base64: string) => VariableDef.decode(Buffer.from(base64, "base64"));
const withVariables = recordedPrograms.filter(({ variables }) => variables !== undefined);

describe("variables as TensorFlow describes them", () => {
  it.each(withVariables)("$title", ({ program, graph: message, variables, trainable }) => {
    const { graph } = new Program().run(program);
    const made = graph.collection(GLOBAL_VARIABLES) as Variable[];
    expect(made.map(encoded)).toEqual(variables);
    expect((graph.collection(TRAINABLE_VARIABLES) as Variable[]).map(({ name }) => name)).toEqual(trainable);

    const imported = new Graph();
    importGraphDef(imported, GraphDef.decode(Buffer.from(message as string, "base64")));
    const read = (variables as string[]).map((variable) => Variable.fromProto(imported, decoded(variable)));
    expect(read.map(encoded)).toEqual(variables);
    for (const [i, { name, dtype, shape, device, isResource, graphElement, graph }] of read.entries()) {
      const expected = made[i] as Variable;
      expect([name, dtype, shape, device]).toEqual([expected.name, "float32", [2], expected.device]);
      expect([isResource, graphElement.name]).toEqual([expected.isResource, expected.graphElement.name]);
      expect(graph).toBe(imported);
    }
  });
});

// Expected kinds of error: what the same calls raise in TensorFlow 2.21, KeyError being NotFoundError.
describe("a variable", () => {
  it("is added to the default graph, or to that of its initial value", () => {
    resetDefaultGraph();
    const graph = new Graph();
    expect(Variable.create(constant([1], { graph })).graph).toBe(graph);
    expect(Variable.create([1], { graph }).name).toBe("Variable_1:0");
    expect(Variable.create([1]).name).toBe("Variable:0");
  });

  it("joins the given collections", () => {
    const graph = new Graph();
    const local = Variable.create(0, { graph, collections: ["local_variables"], trainable: false });
    const both = Variable.create(0, { graph, collections: ["local_variables"] });
    expect(graph.collection("local_variables")).toEqual([local, both]);
    expect(graph.collection(GLOBAL_VARIABLES)).toEqual([]);
    expect(graph.collection(TRAINABLE_VARIABLES)).toEqual([both]);
  });

  it("takes the given shape", () => {
    const graph = new Graph();
    const variable = Variable.create(new Float32Array(6), { graph, shape: [2, 3] });
    expect([variable.shape, variable.dtype]).toEqual([[2, 3], "float32"]);
    expect(() => Variable.create([1, 2], { graph, shape: [3] })).toThrow(
      expect.objectContaining({ kind: "InvalidArgumentError" }),
    );
  });

  it.each([
    ["of another dtype", [2], { dtype: "int32" as const }],
    ["of another shape", [2], { shape: [3] }],
    ["of another rank", [2], { shape: [2, 1] }],
    ["of unknown shape", undefined, {}],
    ["of partly unknown shape", [-1, 2], {}],
  ])("can't begin with an output %s", (_, shape, options) => {
    const initial = placeholder("float32", { graph: new Graph(), shape });
    expect(() => Variable.create(initial, options)).toThrow(expect.objectContaining({ kind: "ValueError" }));
  });

  it("can't begin with an output of another graph", () => {
    const initial = constant([1], { graph: new Graph() });
    expect(() => Variable.create(initial, { graph: new Graph() })).toThrow(
      expect.objectContaining({ kind: "ValueError" }),
    );
  });

  it("can have an unknown shape if it is a resource or its shape is not validated", () => {
    const graph = new Graph();
    const initial = placeholder("float32", { graph, shape: undefined });
    const resource = Variable.create(initial, { useResource: true });
    const reference = Variable.create(initial, { validateShape: false });
    expect([resource.shape, reference.shape]).toEqual([undefined, undefined]);
    expect(reference.initializer.attributes.bool("validate_shape")).toBe(false);
  });
});

describe("a description of a variable", () => {
  const graph = new Graph();
  const reference = Variable.create(1, { graph, name: "v" });
  const resource = Variable.create(1, { graph, name: "r", useResource: true });

  it("of a resource may leave out the read", () => {
    const variable = Variable.fromProto(graph, { ...resource.toProto(), snapshotName: "" });
    expect(variable.snapshot.name).toBe("r/Read/ReadVariableOp:0");
  });

  it("may leave out the initial value", () => {
    expect(Variable.fromProto(graph, { ...reference.toProto(), initialValueName: "" }).initialValue).toBeUndefined();
  });

  it("may name an operation instead of its first output, and the reverse", () => {
    const def = { ...reference.toProto(), variableName: "v", initializerName: "v/Assign:0" };
    const { handle, initializer } = Variable.fromProto(graph, def);
    expect([handle.name, initializer.name]).toEqual(["v:0", "v/Assign"]);
  });

  it.each([
    { variableName: "" },
    { variableName: "nowhere:0" },
    { variableName: "v:7" },
    { initializerName: "nowhere" },
    { initializerName: "" },
    { snapshotName: "" },
    { snapshotName: "nowhere:0" },
    { initialValueName: "nowhere:0" },
  ])("must name what is there: %o", (fields) => {
    expect(() => Variable.fromProto(graph, { ...reference.toProto(), ...fields })).toThrow(
      expect.objectContaining({ kind: "NotFoundError" }),
    );
  });
});
