import { constant, Graph, identity, Output, Variable } from "@tfsaver/graph";
import { SaveSliceInfoDef } from "@tfsaver/proto/graph";
import { beforeEach, describe, expect, it } from "vitest";
import { BulkSaverBuilder, ReferenceVariableSaveable, saveablesOf, type VarList } from "../src/index.js";

let graph: Graph;
let reference: Variable;
let resource: Variable;
beforeEach(() => {
  graph = new Graph();
  reference = Variable.create([1, 2], { graph, name: "ref" });
  resource = Variable.create([1, 2], { graph, name: "res", useResource: true });
});

/** Calls `saveablesOf` without its types, as JavaScript can. */
const saveables = (varList: unknown) => saveablesOf(varList as VarList);
const namesOf = (varList: unknown) => saveables(varList).map(({ name, specs }) => [name, specs[0]?.tensor.name]);

describe("an item to save", () => {
  it("is sorted by name, for any way to pass a variable", () => {
    const expected = [
      ["ref", "ref:0"],
      ["res", "res/Read/ReadVariableOp:0"],
    ];
    expect(namesOf([resource, reference])).toEqual(expected);
    expect(namesOf([[resource], [[reference]]])).toEqual(expected);
    expect(namesOf([resource.graphElement, reference.handle])).toEqual(expected);
  });

  it("can be named, in records and maps", () => {
    const expected = [
      ["10", "ref:0"],
      ["9", "res/Read/ReadVariableOp:0"],
    ];
    expect(namesOf({ 9: resource, 10: reference })).toEqual(expected);
    expect(namesOf(Object.assign(Object.create(null), { 9: resource, 10: reference }))).toEqual(expected);
    expect(namesOf(new Map(Object.entries({ 9: resource, 10: reference })))).toEqual(expected);
    expect(namesOf(new Map([["__proto__", resource]]))).toEqual([["__proto__", "res/Read/ReadVariableOp:0"]]);
  });

  it("can be a saveable, whose names take precedence over those of a record", () => {
    const saveable = new ReferenceVariableSaveable(reference.handle, "mine");
    expect(saveables([saveable])).toEqual([saveable]);
    expect(saveables({ other: saveable })).toEqual([saveable]);
    // A later saveable silently replaces an earlier one of the same name.
    const second = new ReferenceVariableSaveable(reference.handle, "mine");
    expect(saveables([saveable, second])).toEqual([second]);
  });

  it("can be two reads of one variable", () => {
    const { op } = resource.graphElement;
    const read = graph.createOperation("ReadVariableOp", { inputs: op.inputs, attrs: Object.fromEntries(op.attrs) });
    expect(namesOf({ x: resource, y: read.outputs[0] })).toEqual([
      ["x", "res/Read/ReadVariableOp:0"],
      ["y", "ReadVariableOp:0"],
    ]);
  });
});

// Kinds and messages: from running the same through BulkSaverBuilder of TensorFlow 2.21. Where it stumbles over a missing
// attribute (AttributeError, IndexError), here it is a TypeError.
describe("refuses to save", () => {
  const slice = (fullName = "p") => {
    const part = { fullName, fullShape: [2], varOffset: [0], varShape: [1] };
    return Variable.fromProto(graph, { ...reference.toProto(), saveSliceInfoDef: SaveSliceInfoDef.create(part) });
  };
  const named = (name: string) => Variable.create(0, { graph, name });
  const NOT_A_LIST = /^Variables to save should be passed in a dict or a list\. Got /;
  const NOT_A_VARIABLE = /^Variable to save is not a Variable: /;
  const NOT_NAMED = /^names_to_saveables must be a dict mapping string names to Tensors\/Variables\. Not a variable: /;
  const NO_NAME = /^names_to_saveables must be a dict mapping string names to trackable .* Name is not a string: /;

  it.each<[string, () => unknown, string, RegExp]>([
    ["text", () => "abc", "TypeError", NOT_A_LIST],
    ["nothing", () => null, "TypeError", NOT_A_LIST],
    ["undefined", () => undefined, "TypeError", NOT_A_LIST],
    ["a variable alone", () => reference, "TypeError", NOT_A_LIST],
    ["a list of text", () => ["a"], "TypeError", NOT_A_VARIABLE],
    ["a list of null", () => [null], "TypeError", NOT_A_VARIABLE],
    ["a constant", () => [constant(1, { graph })], "TypeError", NOT_A_VARIABLE],
    ["a copy", () => [identity(reference.handle)], "TypeError", NOT_A_VARIABLE],
    ["a reference's snapshot", () => [reference.snapshot], "TypeError", NOT_A_VARIABLE],
    ["an assignment", () => [reference.initializer.outputs[0]], "TypeError", NOT_A_VARIABLE],
    ["a handle", () => [resource.handle], "TypeError", NOT_A_VARIABLE],
    ["a named constant", () => ({ a: constant(1, { graph }) }), "TypeError", NOT_NAMED],
    ["a named assignment", () => ({ a: reference.initializer.outputs[0] }), "TypeError", NOT_NAMED],
    ["a named handle", () => ({ a: resource.handle }), "TypeError", NOT_NAMED],
    ["named text", () => ({ a: "b" }), "TypeError", NOT_NAMED],
    ["a named nothing", () => ({ a: null }), "TypeError", NOT_NAMED],
    ["a number for a name", () => new Map([[1, reference]]), "TypeError", NO_NAME],
    ["bytes for a name", () => new Map([[Uint8Array.of(1), reference]]), "TypeError", NO_NAME],
    [
      "a variable twice",
      () => [reference, reference],
      "ValueError",
      /^At least two variables have the same name: ref$/,
    ],
    [
      "a variable and its reference",
      () => [reference, reference.handle],
      "ValueError",
      /^At least two variables have the same name: ref$/,
    ],
    [
      "a variable under two names",
      () => ({ b: reference, a: reference.handle }),
      "ValueError",
      /^The same saveable will be restored with two names: b$/,
    ],
    [
      "a slice of a variable that is there too",
      () => [named("p"), slice()],
      "ValueError",
      /^Mixing slices and non-slices with the same name: p$/,
    ],
    [
      "reads as slices",
      () => ({ p: [reference.snapshot] }),
      "ValueError",
      /^Slices must all be Variables: ref\/read:0$/,
    ],
    ["whole variables as slices", () => ({ p: [reference] }), "ValueError", /^Slices must all be slices: ref:0$/],
    [
      "slices of two variables",
      () => ({ p: [slice(), slice("other")] }),
      "ValueError",
      /^Slices must all be from the same tensor: p != other$/,
    ],
  ])("%s", (_, varList, kind, message) => {
    let thrown: unknown;
    try {
      saveables(varList());
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Error);
    expect([(thrown as Error).name, (thrown as Error).message]).toEqual([kind, expect.stringMatching(message)]);
  });
});

describe("refuses to build", () => {
  const build = (varList: VarList, options: object = {}) =>
    new BulkSaverBuilder().build(varList, { graph, ...options });

  it.each<[string, () => unknown, string]>([
    ["nothing", () => build([]), "ValueError"],
    ["nothing by name", () => build({}), "ValueError"],
    ["a scope of invalid name", () => build([reference], { name: "a b" }), "ValueError"],
    ["variables of another graph", () => build([reference], { graph: new Graph() }), "ValueError"],
    ["a format that nobody knows", () => new BulkSaverBuilder(3), "RuntimeError"],
  ])("%s", (_, attempt, kind) => {
    expect(attempt).toThrow(expect.objectContaining({ kind }));
  });

  it("anything in a graph that is finalized", () => {
    graph.finalize();
    expect(() => build([reference])).toThrow(expect.objectContaining({ kind: "RuntimeError" }));
  });

  it("a tensor of unknown dtype", () => {
    const unknown = new Output(reference.op, 0, undefined, true, undefined);
    expect(() => new ReferenceVariableSaveable(unknown, "x")).toThrow(expect.objectContaining({ kind: "ValueError" }));
  });
});
