import {
  FunctionDef,
  FunctionDefLibrary,
  NodeDef,
  OpDef,
  OpDef_ArgDef,
  OpDef_AttrDef,
  VersionDef,
} from "@tfsaver/proto/graph";
import { describe, expect, it } from "vitest";
import {
  attr,
  builtInOpDef,
  constant,
  Graph,
  getDefaultGraph,
  group,
  identity,
  importGraphDef,
  opNameOf,
  placeholder,
  placeholderWithDefault,
  prependNameScope,
  resetDefaultGraph,
  Variable,
  withDefaultGraph,
  withDependencies,
} from "../../src/index.js";

const error = (kind: string) => expect.objectContaining({ kind });

describe("a graph", () => {
  it("finds operations and outputs by name", () => {
    const graph = new Graph();
    const output = constant(1, { graph, name: "a" });
    expect(graph.operation("a")).toBe(output.op);
    expect(graph.output("a:0")).toBe(output);
    expect(graph.findOperation("b")).toBeUndefined();
    expect(graph.size).toBe(1);
  });

  // The kinds are those of get_operation_by_name and get_tensor_by_name, with NotFoundError for KeyError.
  it.each([
    ["a", "ValueError"],
    ["a:b", "ValueError"],
    ["", "ValueError"],
    ["a:1", "NotFoundError"],
    ["^a:0", "NotFoundError"],
    ["nowhere:0", "NotFoundError"],
    ["__proto__:0", "NotFoundError"],
  ])("has no output %o", (name, kind) => {
    const graph = new Graph();
    constant(1, { graph, name: "a" });
    expect(() => graph.output(name)).toThrow(error(kind));
  });

  it("has no operation of a name that was never used", () => {
    expect(() => new Graph().operation("constructor")).toThrow(error("NotFoundError"));
  });

  it("accepts names of object properties", () => {
    const graph = new Graph();
    for (const name of ["constructor", "toString", "hasOwnProperty"]) {
      const op = graph.createOperation(name, { name, attrs: { [name]: attr.int(1) } });
      expect(graph.operation(name)).toBe(op);
      expect(graph.createOperation(name).name).toBe(`${name}_1`);
      graph.addToCollection(name, 1);
    }
    // An own property of that name, as JSON.parse gives it.
    const attrs = Object.fromEntries([["__proto__", attr.int(7)]]);
    expect(graph.createOperation("__proto__", { name: "x", attrs }).attributes.int("__proto__")).toBe(7);
    graph.addToCollection("__proto__", 1);
    expect(graph.collectionKeys).toEqual(["constructor", "toString", "hasOwnProperty", "__proto__"]);
    expect(graph.collection("__proto__")).toEqual([1]);
    expect(NodeDef.decode(NodeDef.encode(graph.operation("x").toNodeDef())).attr.get("__proto__")?.i).toBe(7n);
  });

  it.each(["a b", "_a", "", "a:0"])("refuses an operation named %o", (name) => {
    expect(() => new Graph().createOperation("NoOp", { name })).toThrow(error("ValueError"));
  });

  it("refuses an exact name that is taken", () => {
    const graph = new Graph();
    graph.createOperation("NoOp", { name: "x" });
    expect(() => graph.createOperation("NoOp", { name: "x/" })).toThrow(error("ValueError"));
  });

  it("refuses inputs of another graph", () => {
    const [graph, other] = [new Graph(), constant(1, { graph: new Graph() })];
    expect(() => graph.createOperation("Identity", { inputs: [other] })).toThrow(error("ValueError"));
    expect(() => graph.createOperation("NoOp", { controlInputs: [other.op] })).toThrow(error("ValueError"));
    expect(() => graph.withControlDependencies([other], () => 0)).toThrow(error("ValueError"));
    expect(() => graph.withColocation(other.op, () => 0)).toThrow(error("ValueError"));
    expect(graph.size).toBe(0);
  });

  it("leaves a scope even after a failure", () => {
    const graph = new Graph();
    const fail = () => {
      throw new Error("no");
    };
    expect(() => graph.withNameScope("s", () => graph.withDevice("/gpu:0", fail))).toThrow("no");
    const op = graph.createOperation("NoOp");
    expect([op.name, op.device, graph.nameScope]).toEqual(["NoOp", "", ""]);
  });

  it("accepts a variable as a control dependency", () => {
    const graph = new Graph();
    const variable = Variable.create(1, { graph, name: "v" });
    const op = graph.withControlDependencies([variable], () => graph.createOperation("NoOp"));
    expect(op.toNodeDef().input).toEqual(["^v"]);
  });

  it("can't be changed after it is finalized, except for its scopes", () => {
    const graph = new Graph();
    const { op } = constant(1, { graph, name: "a" });
    const message = graph.toGraphDef();
    expect(graph.finalized).toBe(false);
    graph.finalize();
    expect(graph.finalized).toBe(true);
    expect(() => graph.createOperation("NoOp")).toThrow("Graph is finalized and cannot be modified.");
    for (const change of [
      () => graph.addToCollection("k", 1),
      () => graph.clearCollection("k"),
      () => importGraphDef(graph, message),
    ]) {
      expect(change).toThrow(error("RuntimeError"));
    }
    expect(graph.operations).toEqual([op]);
    expect(graph.withNameScope("s", (scope) => scope)).toBe("s/");
  });

  it("keeps collections in order and returns copies of them", () => {
    const graph = new Graph();
    graph.addToCollection("k", 1, 2);
    graph.addToCollection("k", 1);
    graph.collection("k").push(9);
    expect(graph.collection("k")).toEqual([1, 2, 1]);
    expect(graph.collection("other")).toEqual([]);
    graph.clearCollection("k");
    expect(graph.collectionKeys).toEqual([]);
  });
});

describe("operations of imported types", () => {
  const split = OpDef.create({
    name: "MySplit",
    outputArg: [OpDef_ArgDef.create({ name: "parts", typeAttr: "T", numberAttr: "N" })],
    attr: [
      OpDef_AttrDef.create({ name: "T", type: "type" }),
      OpDef_AttrDef.create({ name: "N", type: "int" }),
      OpDef_AttrDef.create({ name: "fast", type: "bool", defaultValue: attr.bool(true) }),
    ],
  });
  const node = (count: number, name = "split") =>
    NodeDef.create({
      name,
      op: "MySplit",
      attr: new Map([
        ["T", attr.type("float32")],
        ["N", attr.int(count)],
      ]),
    });
  const importNodes = (...nodes: NodeDef[]) => {
    const graph = new Graph();
    importGraphDef(graph, { node: nodes, versions: VersionDef.create(), version: 0 }, { opDefs: [split] });
    return graph;
  };

  it("have the outputs and defaults of their definition", () => {
    const op = importNodes(node(3)).operation("split");
    expect(op.outputs.map(({ name, dtype }) => [name, dtype])).toEqual([
      ["split:0", "float32"],
      ["split:1", "float32"],
      ["split:2", "float32"],
    ]);
    expect(op.attributes.bool("fast")).toBe(true);
    expect(op.isKnown).toBe(true);
  });

  it.each([-1, 2 ** 31, Number.MAX_SAFE_INTEGER])("can't have %d outputs", (count) => {
    expect(() => importNodes(node(count))).toThrow(error("ValueError"));
  });

  it("can't have more outputs in total than the limit", () => {
    const nodes = Array.from({ length: 100 }, (_, i) => node(1 << 16, `split${i}`));
    expect(() => importNodes(...nodes)).toThrow(error("ValueError"));
  });

  it("can be made once their definition is known", () => {
    const graph = new Graph();
    graph.addOpDefs([split]);
    const op = graph.createOperation("MySplit", { attrs: { T: attr.type("int8"), N: attr.int(2) } });
    expect(op.outputs).toHaveLength(2);
    expect(() => graph.createOperation("MySplit")).toThrow(error("ValueError"));
    expect(builtInOpDef("MySplit")).toBeUndefined();
  });
});

describe("function libraries", () => {
  const functionDef = (name: string, summary = "") =>
    FunctionDef.encode(FunctionDef.create({ signature: OpDef.create({ name, summary }) }));
  const library = (...functions: Uint8Array[]) =>
    FunctionDefLibrary.encode(FunctionDefLibrary.create({ function: functions }));
  const importLibrary = (graph: Graph, bytes: Uint8Array) =>
    importGraphDef(graph, { ...new Graph().toGraphDef(), library: bytes });

  it("are joined, and keep a function that is imported twice once", () => {
    const graph = new Graph();
    importLibrary(graph, library(functionDef("f"), functionDef("g")));
    importLibrary(graph, library(functionDef("g"), functionDef("h")));
    expect(graph.functionLibrary).toEqual(library(functionDef("f"), functionDef("g"), functionDef("h")));
  });

  it("can't have two functions of one name", () => {
    const graph = new Graph();
    importLibrary(graph, library(functionDef("f")));
    expect(() => importLibrary(graph, library(functionDef("f", "another")))).toThrow(error("ValueError"));
    expect(graph.functionLibrary).toEqual(library(functionDef("f")));
  });

  it("that are damaged are an error when they must be joined", () => {
    const graph = new Graph();
    importLibrary(graph, Uint8Array.of(7));
    expect(graph.functionLibrary).toEqual(Uint8Array.of(7));
    expect(() => importLibrary(graph, library(functionDef("f")))).toThrow(error("DataLossError"));
  });
});

describe("the default graph", () => {
  it("stays the same until it is replaced or reset", () => {
    resetDefaultGraph();
    const first = getDefaultGraph();
    expect(getDefaultGraph()).toBe(first);
    const graph = new Graph();
    withDefaultGraph(graph, () => {
      expect(getDefaultGraph()).toBe(graph);
      // As tf.compat.v1.reset_default_graph does.
      expect(resetDefaultGraph).toThrow(error("AssertionError"));
    });
    expect(getDefaultGraph()).toBe(first);
    resetDefaultGraph();
    expect(getDefaultGraph()).not.toBe(first);
  });

  it("receives operations without inputs", () => {
    const graph = new Graph();
    withDefaultGraph(graph, () => {
      expect(constant(1).graph).toBe(graph);
      expect(placeholder("float32").graph).toBe(graph);
      expect(group([]).graph).toBe(graph);
    });
  });
});

describe("helpers", () => {
  it("make operations after others", () => {
    const graph = new Graph();
    const [a, b] = [constant(1, { graph, name: "a" }), constant(2, { graph, name: "b" })];
    const after = withDependencies([b.op], a);
    expect(after.op.toNodeDef()).toMatchObject({ name: "control_dependency", op: "Identity", input: ["a", "^b"] });
    expect(after.op.colocationGroups).toEqual(["loc:@a"]);
    expect(placeholderWithDefault(identity(a), []).op.toNodeDef().input).toEqual(["Identity"]);
  });

  // From the table of strip_name_scope and prepend_name_scope in the specification, 1.4.
  it.each([
    ["a", "p", "p/a"],
    ["a", "p/", "p/a"],
    ["^a", "p", "^p/a"],
    ["loc:@a", "p", "loc:@p/a"],
    ["a:0", "p", "p/a:0"],
    ["", "p", "p/"],
    ["a", "", "a"],
  ])("put %o into scope %o", (name, scope, expected) => {
    expect(prependNameScope(name, scope)).toBe(expected);
  });

  it("find the operation of a name", () => {
    expect(["a", "a:1", "^a", "s/a:10"].map(opNameOf)).toEqual(["a", "a", "a", "s/a"]);
  });
});
