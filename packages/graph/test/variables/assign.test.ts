import { type Tensor, type TensorLike, toTensor } from "@tfsaver/core";
import { describe, expect, it } from "vitest";
import {
  assign,
  assignAdd,
  assignSub,
  constant,
  Graph,
  identity,
  Operation,
  Output,
  PartitionedVariable,
  placeholder,
  resolveFeeds,
  resolveFetch,
  Variable,
} from "../../src/index.js";

const failing = (kind: string, message: string | RegExp = "") =>
  expect.objectContaining({ kind, message: expect.stringMatching(message) });

const kinds = [
  ["reference", false],
  ["resource", true],
] as const;

// The nodes themselves are compared with TensorFlow's in programs.test.ts.
describe.each(kinds)("an update of a %s variable", (_, useResource) => {
  const make = (value: TensorLike = [1, 2]) => Variable.create(value, { graph: new Graph(), name: "v", useResource });

  it("returns the new value, or the operation", () => {
    const v = make();
    for (const made of [v.assign([3, 4]), v.assignAdd([3, 4], { readValue: true }), v.assignSub(v), assign(v, v)]) {
      expect(made).toBeInstanceOf(Output);
      expect([made.dtype, made.shape]).toEqual(["float32", [2]]);
    }
    const readValue = false;
    for (const made of [v.assign(v, { readValue }), v.assignAdd(v, { readValue }), v.assignSub(v, { readValue })]) {
      expect(made).toBeInstanceOf(Operation);
    }
  });

  it("converts a host value to the variable's dtype", () => {
    const step = make(7n);
    for (const value of [1, 1n, Float64Array.of(1).at(0) ?? 0, toTensor(1n)])
      expect(step.assign(value).dtype).toBe("int64");
    expect(() => step.assign(0.5)).toThrow(failing("InvalidArgumentError", "variable v:0"));
    expect(() => step.assign(toTensor([1, 2], "float64", [1, 2]))).toThrow(failing("InvalidArgumentError"));
    expect(() => step.assign("text")).toThrow(failing("InvalidArgumentError"));
  });

  it("refuses what doesn't fit, and adds nothing", () => {
    const v = make();
    const { graph } = v;
    const wrong: (readonly [value: TensorLike | Output | Variable, message: string])[] = [
      [[1, 2, 3], "The value can't be assigned to variable v:0: it has shape [3], not [2]"],
      [1, "The value can't be assigned to variable v:0: it has shape [], not [2]"],
      [[[1], [2]], "The value can't be assigned to variable v:0: it has shape [2,1], not [2]"],
      [constant(1, { graph, name: "one" }), "one:0 can't be assigned to variable v:0: it has shape [], not [2]"],
      [
        constant([1n, 2n], { graph, name: "longs" }),
        "longs:0 can't be assigned to variable v:0: it has dtype int64, not float32",
      ],
      [
        Variable.create([1, 2, 3], { graph, name: "w" }),
        "w:0 can't be assigned to variable v:0: it has shape [3], not [2]",
      ],
      [make(), "v:0 can't be assigned to variable v:0: it belongs to another graph"],
    ];
    const { size } = graph;
    for (const [value, message] of wrong) {
      for (const update of [
        () => v.assign(value),
        () => v.assignAdd(value),
        () => v.assignSub(value),
        () => assign(v, value),
        () => assignAdd(v, value),
        () => assignSub(v, value),
      ]) {
        expect(update).toThrow(expect.objectContaining({ kind: "ValueError", message }));
      }
    }
    expect(graph.size).toBe(size);
    expect(v.assign([3, 4], { readValue: false }).inputs[1]?.op.name).toMatch(/^(Assign\/value|Const)$/);
  });

  it("takes outputs of unknown shape and dtype", () => {
    const v = make();
    const { graph } = v;
    expect(v.assign(placeholder("float32", { graph })).shape).toEqual([2]);
    expect(v.assign(placeholder("float32", { graph, shape: [-1] })).shape).toEqual([2]);
    const unknown = graph.createOperation("Mystery", { name: "mystery" }).findOutput(0) as Output;
    expect(v.assignAdd(unknown).dtype).toBe("float32");
  });

  it("is refused by a finalized graph", () => {
    const v = make();
    v.graph.finalize();
    expect(() => v.assign(v.snapshot)).toThrow(failing("RuntimeError"));
  });
});

describe("an update of a reference variable", () => {
  const v = Variable.create([1, 2], { graph: new Graph(), name: "v" });

  it("takes any shape without validateShape, unless it is a sum", () => {
    const assigned = v.assign([1, 2, 3], { validateShape: false });
    expect([assigned.shape, assigned.op.attributes.bool("validate_shape")]).toEqual([[3], false]);
    expect(assign(v, 1, { validateShape: false }).shape).toEqual([]);
    expect(() => v.assignAdd([1, 2, 3], { validateShape: false } as object)).toThrow(failing("ValueError"));
  });

  it("is not defined for every dtype", () => {
    const words = Variable.create("a", { graph: new Graph(), name: "words" });
    expect(words.assign("b").dtype).toBe("string");
    const message =
      "Value passed to parameter 'ref' has DataType string not in list of allowed values: float32, float64";
    expect(() => words.assignAdd("b")).toThrow(new RegExp(`^${message}`));
    expect(() => words.assignSub("b")).toThrow(TypeError);
  });

  it("can continue with what another one returned", () => {
    const next = assignSub(assignAdd(assign(v, [1, 2]), v), [1, 1]);
    expect([next.op.type, next.op.inputs[0]?.op.type]).toEqual(["AssignSub", "AssignAdd"]);
    expect(next.op.colocationGroups).toEqual(["loc:@v"]);
    expect(() => assign(v.snapshot, [1, 2])).toThrow("v/read:0 can't be assigned to");
    const lie = Variable.fromProto(v.graph, { ...v.toProto(), variableName: "v/read:0" });
    expect(() => lie.assign([1, 2])).toThrow(TypeError);
  });
});

describe("an update of a resource variable", () => {
  it("checks the shape as the variable was made", () => {
    const graph = new Graph();
    const initial = placeholder("float32", { graph, name: "initial", shape: [2] });
    const checks = (validateShape: boolean | undefined, options: object = {}) => {
      const v = Variable.create(initial, { useResource: true, ...(validateShape !== undefined && { validateShape }) });
      return v.assign([1, 2], { ...options, readValue: false }).attributes.bool("validate_shape");
    };
    expect([checks(undefined), checks(true), checks(false)]).toEqual([true, true, false]);
    expect([checks(true, { validateShape: false }), checks(false, { validateShape: true })]).toEqual([false, true]);
    const open = Variable.create(placeholder("float32", { graph, name: "open" }), { useResource: true });
    expect(open.assign([1, 2], { readValue: false }).attributes.bool("validate_shape")).toBe(false);
  });
});

/** A session that notes what it ran. */
class FakeSession {
  readonly runs: [string, Record<string, TensorLike>][] = [];

  async run(fetch: Output | Operation, feeds: ReadonlyMap<Output, TensorLike> = new Map()): Promise<Tensor | null> {
    this.runs.push([fetch.name, Object.fromEntries(Array.from(feeds, ([{ name }, value]) => [name, value]))]);
    return fetch instanceof Output ? toTensor(5) : null;
  }
}

describe.each(kinds)("the value of a %s variable in a session", (_, useResource) => {
  it("is loaded and read without adding to the graph", async () => {
    const graph = new Graph();
    const v = Variable.create([1, 2], { graph, name: "v", useResource });
    const { size } = graph;
    const session = new FakeSession();
    await v.load([3, 4], session);
    expect((await v.eval(session)).data).toEqual(Float32Array.of(5));
    const initial = useResource ? "v/Initializer/initial_value:0" : "v/initial_value:0";
    const read = useResource ? "v/Read/ReadVariableOp:0" : "v:0";
    expect(session.runs).toEqual([
      ["v/Assign", { [initial]: [3, 4] }],
      [read, {}],
    ]);
    expect(graph.size).toBe(size);
  });

  it("can't be loaded if the initializer takes none", async () => {
    const graph = new Graph();
    const v = Variable.create(1, { graph, name: "v", useResource });
    graph.createOperation("NoOp", { name: "init" });
    const imported = Variable.fromProto(graph, { ...v.toProto(), initializerName: "init" });
    await expect(imported.load(1, new FakeSession())).rejects.toEqual(
      failing("ValueError", "^v:0 can't be loaded: its initializer init takes no value$"),
    );
  });
});

// JavaScript lets these through.
describe("a value of a wrong type", () => {
  const graph = new Graph();
  const [one, two] = [false, true].map((useResource) => Variable.create(1, { graph, useResource })) as [
    Variable,
    Variable,
  ];
  const wrong = [undefined, null, {}, new Map(), () => 1, Symbol("x"), one.op, [undefined]] as never[];

  it.each(wrong.map((value) => [typeof value, value]))("is not assigned: %s", (_, value) => {
    const { size } = graph;
    for (const v of [one, two]) {
      for (const update of [() => v.assign(value), () => v.assignAdd(value), () => assignSub(v, value)]) {
        expect(update).toThrow(failing("InvalidArgumentError", "^The value for variable Variable.*: Cannot use "));
      }
    }
    expect(graph.size).toBe(size);
  });

  it("is neither a variable nor a session", async () => {
    expect(() => assign(undefined as never, 1)).toThrow(/^ref must be a Variable or an Output, not undefined$/);
    expect(() => assignAdd("v" as never, 1)).toThrow(TypeError);
    await expect(one.load(1, undefined as never)).rejects.toThrow(/^session must be a Session, not undefined/);
    await expect(one.eval({} as never)).rejects.toThrow(TypeError);
  });
});

describe("a variable with a caching device", () => {
  const graph = new Graph();
  const made = Variable.create([1, 2], { graph, name: "v", useResource: true });
  const copy = graph.withDevice("/job:worker", () => identity(made.snapshot, { name: "copy" }));
  const cached = Variable.fromProto(graph, { ...made.toProto(), snapshotName: "copy:0" });

  it("is fetched and fed at its own read, and its value is the copy", () => {
    expect(resolveFetch(graph, cached)).toBe(made.snapshot);
    expect([...resolveFeeds(graph, new Map([[cached, [1, 2]]])).keys()]).toEqual([made.snapshot]);
    expect(cached.value()).toBe(copy);
  });
});

describe("a partitioned variable", () => {
  const make = (partitions = 2) =>
    PartitionedVariable.create([[1], [2], [3]], { graph: new Graph(), name: "p", partitions });

  it("returns one result for each part", () => {
    const p = make();
    expect(p.assign([[1], [2], [3]]).map(({ name }) => name)).toEqual(["Assign:0", "Assign_1:0"]);
    expect(p.assignAdd(p, { readValue: false }).every((op) => op instanceof Operation)).toBe(true);
    const whole = Variable.create([[1], [2], [3]], { graph: p.graph, name: "whole" });
    expect(p.assignSub(whole, { name: "minus" }).map(({ op }) => op.inputs[1]?.name)).toEqual([
      "split_1:0",
      "split_1:1",
    ]);
  });

  it("refuses what doesn't fit, and adds nothing", () => {
    const p = make();
    const other = make(3);
    const { graph } = p;
    const { size } = graph;
    const row = toTensor([[1]]);
    const message = "^The value can't be assigned to variable p: it has shape \\[2,1\\], not \\[3,1\\]$";
    expect(() => p.assign([[1], [2]])).toThrow(failing("ValueError", message));
    expect(() => p.assign([row])).toThrow(failing("ValueError", "^A value for p has 1 parts, not 2$"));
    expect(() => p.assign([toTensor([[1], [2]]), toTensor([1])])).toThrow(failing("ValueError", "variable p/part_1:0"));
    expect(() => p.assign(other)).toThrow(failing("ValueError", "^A value for p has 3 parts, not 2$"));
    expect(() => p.assign(make())).toThrow(failing("ValueError", "belongs to another graph"));
    expect(() => p.assign("text")).toThrow(failing("InvalidArgumentError"));
    expect(graph.size).toBe(size);
  });

  it("is neither a fetch nor the key of a feed, as in TensorFlow", () => {
    const p = make();
    expect(() => resolveFetch(p.graph, p as never)).toThrow(TypeError);
    expect(() => resolveFetch(p.graph, p as never)).toThrow(/`fetch` = p has invalid type "PartitionedVariable"/);
    expect(() => resolveFeeds(p.graph, new Map([[p as never, 1]]))).toThrow(TypeError);
  });
});
