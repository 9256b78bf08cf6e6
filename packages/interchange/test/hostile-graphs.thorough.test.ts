import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dtypeToEnum, toTensor } from "@tfsaver/core";
import { shapeToProto, tensorToProto } from "@tfsaver/graph";
import {
  type AttrValue,
  AttrValue_ListValue,
  FunctionDef,
  FunctionDefLibrary,
  GraphDef,
  NameAttrList,
  NodeDef,
  OpDef,
  OpDef_ArgDef,
} from "@tfsaver/proto/graph";
import { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldensFolder } from "../../../fixtures/goldens.js";
import { runInOwnProcess } from "../../../tests/own-process.js";
import { seedOfCommit } from "../../../tests/thorough.js";

const FLOAT = dtypeToEnum("float32");
const INT32 = dtypeToEnum("int32");
const STRING = dtypeToEnum("string");
const RESOURCE = dtypeToEnum("resource");

type Attrs = Readonly<Record<string, AttrValue>>;

function node(name: string, op: string, input: readonly string[] = [], attrs: Attrs = {}): NodeDef {
  return NodeDef.create({ name, op, input: [...input], attr: new Map(Object.entries(attrs)) });
}

const type = (value: number): AttrValue => ({ type: value });
const types = (...values: number[]): AttrValue => ({ list: AttrValue_ListValue.create({ type: values }) });
const shape = (dims: readonly number[]): AttrValue => ({ shape: shapeToProto(dims) });
const calls = (name: string): AttrValue => ({ func: NameAttrList.create({ name }) });
const T = type(FLOAT);

const reference = (name: string, dims = [2], dtype = FLOAT) =>
  node(name, "VariableV2", [], { dtype: type(dtype), shape: shape(dims) });
const handle = (name: string, dims = [2], dtype = FLOAT) =>
  node(name, "VarHandleOp", [], { dtype: type(dtype), shape: shape(dims), shared_name: { s: Buffer.from(name) } });
const read = (name: string, source: string) => node(name, "ReadVariableOp", [source], { dtype: T });
const identity = (name: string, ...input: string[]) => node(name, "Identity", input, { T });
const constant = (name: string, value: Parameters<typeof toTensor>[0], dtype: "float32" | "int32" | "string") =>
  node(name, "Const", [], {
    dtype: type(dtypeToEnum(dtype)),
    value: { tensor: tensorToProto(toTensor(value, dtype)) },
  });

/** Nodes that restore variables under names, of which the constant has only the first. */
function restoring(variables: readonly string[], names: AttrValue, specs: readonly string[] = [""]): NodeDef[] {
  const strings = type(STRING);
  return [
    constant("file", "m", "string"),
    node("names", "Const", [], { dtype: strings, value: names }),
    node("specs", "Const", [], { dtype: strings, value: { tensor: tensorToProto(toTensor(specs)) } }),
    node("restore", "RestoreV2", ["file", "names", "specs"], { dtypes: types(...variables.map(() => FLOAT)) }),
    ...variables.map((name, i) => node(`${name}/Assign`, "Assign", [name, `restore:${i}`], { T })),
  ];
}

/** A function that reads its first argument. */
function reading(name: string, args: number, nodes: readonly NodeDef[] = []): FunctionDef {
  const arg = (i: number) => OpDef_ArgDef.create({ name: `a${i}`, type: RESOURCE });
  return FunctionDef.create({
    signature: OpDef.create({
      name,
      inputArg: Array.from({ length: args }, (_, i) => arg(i)),
      outputArg: [OpDef_ArgDef.create({ name: "y", type: FLOAT })],
    }),
    nodeDef: [read("r", "a0"), ...nodes],
    ret: new Map([["y", "r:value:0"]]),
  });
}

function call(name: string, called: string, input: readonly string[], inputs: readonly number[]): NodeDef {
  const attrs = { f: calls(called), Tin: types(...inputs), Tout: types(FLOAT) };
  return node(name, "StatefulPartitionedCall", input, attrs);
}

const library = (...functions: FunctionDef[]) =>
  FunctionDefLibrary.encode(
    FunctionDefLibrary.create({ function: functions.map((definition) => FunctionDef.encode(definition)) }),
  );

/** The nodes of a loop that adds a variable to a number, as TensorFlow writes them. */
function loop(variable: NodeDef, read: NodeDef): NodeDef[] {
  const frame = { T, frame_name: { s: Buffer.from("loop") } };
  return [
    variable,
    read,
    constant("start", 0, "float32"),
    node("enter", "Enter", ["start"], frame),
    node("w_enter", "Enter", ["w_read"], { ...frame, is_constant: { b: true } }),
    node("merge", "Merge", ["enter", "next"], { T, N: { i: 2n } }),
    node("less", "Less", ["merge", "w_enter"], { T }),
    node("cond", "LoopCond", ["less"]),
    node("switch", "Switch", ["merge", "cond"], { T }),
    node("add", "Add", ["switch:1", "w_enter"], { T }),
    node("next", "NextIteration", ["add"], { T }),
    node("exit", "Exit", ["switch"], { T }),
    identity("out", "exit"),
  ];
}

interface Case {
  readonly what: string;
  readonly nodes: readonly NodeDef[];
  readonly functions?: Uint8Array;
  /** Default: `out`. */
  readonly output?: string;
  /** The number of nodes that are written, or the kind of error and a part of its message. */
  readonly right: number | readonly [kind: string, message: string];
}

const w = reference("w");
const h = handle("h");

const CASES: readonly Case[] = [
  {
    what: "a cycle",
    nodes: [w, identity("out", "b"), identity("b", "out")],
    right: ["DataLossError", "out ← b ← out"],
  },
  {
    what: "a cycle of what is restored",
    nodes: [w, identity("out", "w"), node("a", "Assign", ["w", "c"], { T }), identity("c", "c")],
    right: ["DataLossError", "nodes in a cycle: c ← c"],
  },
  {
    what: "a missing input",
    nodes: [identity("out", "none")],
    right: ["DataLossError", "'out': Unknown input node 'none'"],
  },
  {
    what: "a missing control input",
    nodes: [identity("out", "w", "^none"), w],
    right: ["DataLossError", "node '^none'"],
  },
  {
    what: "an output that its source lacks",
    nodes: [w, identity("out", "w:3")],
    right: ["DataLossError", "invalid output 3 of source node w"],
  },
  {
    what: "an input of another type",
    nodes: [constant("i", 1, "int32"), identity("out", "i")],
    right: ["DataLossError", "Input 0 of node out"],
  },
  {
    what: "two nodes of one name",
    nodes: [w, w, identity("out", "w")],
    right: ["DataLossError", "Node 'w' is not unique"],
  },
  { what: "a node without a name", nodes: [w, node("", "NoOp"), identity("out", "w")], right: ["DataLossError", "''"] },
  {
    what: "no such output",
    nodes: [w, identity("outer", "w")],
    right: ["NotFoundError", "has no operation out; did you mean outer?"],
  },
  {
    what: "no such number of an output",
    nodes: [w, identity("out", "w")],
    output: "out:7",
    right: ["NotFoundError", "no output out:7: the operation has 1"],
  },
  { what: "an unknown operation", nodes: [w, identity("r", "w"), node("out", "Mystery", ["r"])], right: 3 },
  {
    what: "an unknown operation that takes a variable",
    nodes: [h, node("out", "Mystery", ["h"])],
    right: ["UnimplementedError", "out (Mystery) can't use a constant in the place of the variable h"],
  },
  {
    what: "a variable of an unknown dtype",
    nodes: [handle("h", [2], 999), read("out", "h")],
    right: ["InvalidArgumentError", "The variable h is the unknown dtype 999"],
  },
  {
    what: "a reference of an unknown dtype",
    nodes: [reference("w", [2], 77), identity("out", "w")],
    right: ["DataLossError", "w"],
  },
  {
    what: "a variable of another shape",
    nodes: [reference("w", [3]), identity("out", "w")],
    right: ["InvalidArgumentError", "The variable w is float32 [3]"],
  },
  { what: "a shape of negative sizes", nodes: [reference("w", [-7]), identity("out", "w")], right: 2 },
  {
    what: "a shape of 300 dimensions",
    nodes: [reference("w", new Array(300).fill(1)), identity("out", "w")],
    right: ["InvalidArgumentError", "The variable w"],
  },
  {
    what: "a loop around a reference",
    nodes: loop(reference("w", []), identity("w_read", "w")),
    right: ["InvalidArgumentError", "The variable w is float32 []"],
  },
  { what: "a loop around a variable", nodes: loop(handle("h"), read("w_read", "h")), right: 13 },
  {
    what: "a back edge without a loop",
    nodes: [
      w,
      node("m", "Merge", ["w", "n"], { T, N: { i: 2n } }),
      node("n", "NextIteration", ["m"], { T }),
      identity("out", "m"),
    ],
    right: 4,
  },
  {
    what: "variables of two dtypes in one place",
    nodes: [
      h,
      handle("i", [2], INT32),
      node("m", "Merge", ["h", "i"], { T: type(RESOURCE), N: { i: 2n } }),
      read("out", "m"),
    ],
    right: ["UnimplementedError", "m (Merge) stands for the variables"],
  },
  { what: "a call of no function", nodes: [h, call("out", "f", ["h"], [RESOURCE])], right: ["DataLossError", "f"] },
  {
    what: "a function that calls itself",
    nodes: [h, call("out", "f", ["h"], [RESOURCE])],
    functions: library(reading("f", 1, [call("again", "f", ["a0"], [RESOURCE])])),
    right: 2,
  },
  {
    what: "a call with fewer types than inputs",
    nodes: [h, call("out", "f", ["h"], [])],
    functions: library(reading("f", 1)),
    right: ["DataLossError", "out"],
  },
  {
    what: "a library that is no message",
    nodes: [h, read("out", "h")],
    functions: new Uint8Array([10, 99, 1]),
    right: ["DataLossError", ""],
  },
  {
    what: "a batch dimension of 2^62",
    nodes: [
      h,
      constant("i", 0, "int32"),
      node("out", "ResourceGather", ["h", "i"], { dtype: T, Tindices: type(INT32), batch_dims: { i: 2n ** 62n } }),
    ],
    right: ["DataLossError", "out"],
  },
  {
    what: "the name of an added node that is taken",
    nodes: [
      h,
      constant("i", 0, "int32"),
      node("g", "ResourceGather", ["h", "i"], { dtype: T, Tindices: type(INT32) }),
      constant("g/frozen_axis", 0, "int32"),
      identity("out", "g", "^g/frozen_axis"),
    ],
    right: ["UnimplementedError", "Node 'g/frozen_axis' is not unique"],
  },
  {
    what: "a slice that is none",
    nodes: [w, ...restoring(["w"], { tensor: tensorToProto(toTensor(["w"])) }, ["x"]), identity("out", "w")],
    right: ["DataLossError", "The operation restore: "],
  },
  { what: "no nodes", nodes: [], right: ["NotFoundError", "no operation out"] },
];

/** Cases that could take much time or memory. Each gets a process of its own. */
const LARGE: Readonly<Record<string, () => Omit<Case, "what">>> = {
  "a name that is repeated sixteen million times, for a thousand variables": () => {
    const variables = Array.from({ length: 1000 }, (_, i) => `v${i}`);
    const tensor = tensorToProto(toTensor(["w"]));
    tensor.tensorShape = shapeToProto([2 ** 24]);
    const nodes = [...variables.map((name) => reference(name)), ...restoring(variables, { tensor })];
    return { nodes: [...nodes, identity("out", "v7")], right: 2 };
  },
  "five thousand variables": () => {
    const variables = Array.from({ length: 5000 }, (_, i) => `v${i}`);
    const nodes = [
      ...variables.map((name) => reference(name)),
      ...restoring(variables, { tensor: tensorToProto(toTensor(variables)) }),
    ];
    return {
      nodes: [...nodes, node("out", "NoOp", [...variables.map((name) => `^${name}`)])],
      right: ["NotFoundError", "the variable v0"],
    };
  },
  "a chain of thirty thousand nodes": () => {
    const nodes = Array.from({ length: 30_000 }, (_, i) => identity(`n${i}`, i === 0 ? "w" : `n${i - 1}`));
    return { nodes: [w, ...nodes, identity("out", "n29999")], right: 30_002 };
  },
  "a large function that is called in thousands of ways": () => {
    const count = 12;
    const body = Array.from({ length: 5000 }, (_, i) => identity(`${"x".repeat(100)}${i}`, "r:value:0"));
    const unknown = node("u", "Mystery", [], { _output_shapes: types() });
    const handles = Array.from({ length: 3000 }, (_, i) => {
      const input = Array.from({ length: count }, (_, k) => ((i >> k) & 1 || k === 0 ? "h" : "u"));
      return call(`c${i}`, "f", input, new Array(count).fill(RESOURCE));
    });
    const last = node(
      "out",
      "NoOp",
      handles.map(({ name }) => `^${name}`),
    );
    return {
      nodes: [h, unknown, ...handles, last],
      functions: library(reading("f", count, body)),
      right: ["UnimplementedError", "as f is called"],
    };
  },
  "attributes of tens of megabytes": () => {
    const huge = { s: Buffer.alloc(24 << 20) };
    const list = { list: AttrValue_ListValue.create({ i: new Array(1_000_000).fill(1n) }) };
    return { nodes: [w, node("out", "Mystery", ["w"], { huge, list })], right: 2 };
  },
  "a shape of a million dimensions": () => ({
    nodes: [handle("h", new Array(1_000_000).fill(1)), read("out", "h")],
    right: ["InvalidArgumentError", "The variable h"],
  }),
};

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-hostile-graphs-"));
  const writer = new BundleWriter(at("m"));
  for (const name of ["w", "h"]) await writer.add(name, toTensor([1, 2]));
  await writer.add("i", toTensor([1, 2], "int32"));
  await writer.finish();
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, { nodes, functions }: Pick<Case, "nodes" | "functions">): string {
  const graphDef = GraphDef.create({ node: [...nodes], library: functions });
  writeFileSync(at(name), MetaGraphDef.encode(MetaGraphDef.create({ graphDef })));
  return at(name);
}

interface Outcome {
  readonly nodes?: number;
  /** Kind of the error; the stack of one that is none of this library. */
  readonly kind?: string;
  readonly message?: string;
}

/** Freezes graphs one after another, in one process with little time and memory. */
async function freeze(graphs: readonly { readonly path: string; readonly output: string }[]): Promise<Outcome[]> {
  const printed = await runInOwnProcess(
    `import { freezeGraph } from "@tfsaver/interchange/frozen-graph";
    for (const { path, output } of input.graphs) {
      const outcome = await freezeGraph(path, input.prefix, path + ".pb", { outputs: [output] }).then(
        ({ nodes }) => ({ nodes }),
        ({ kind, message, stack }) => ({ kind: kind ?? stack, message }),
      );
      console.log(JSON.stringify(outcome));
    }`,
    { graphs, prefix: at("m") },
  );
  return printed
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function expectRight({ kind, message = "", nodes }: Outcome, path: string, right: Case["right"]): void {
  if (typeof right === "number") {
    expect({ kind, nodes }, message).toEqual({ kind: undefined, nodes: right });
    return;
  }
  const [wanted, part] = right;
  expect(kind, message).toBe(wanted);
  expect(message).toContain(part);
  // The graph is to blame, or the checkpoint.
  expect(message).toMatch(new RegExp(`${path}|${at("m")}`));
  expect(message.length).toBeLessThan(2000);
  expect(existsSync(`${path}.pb`)).toBe(false);
}

describe("a hostile graph is frozen rightly, or refused with the names of the node and the file:", () => {
  let outcomes: readonly Outcome[];
  beforeAll(async () => {
    const graphs = CASES.map(({ output = "out", ...graph }, i) => ({ path: write(`${i}.meta`, graph), output }));
    outcomes = await freeze(graphs);
  });

  it.each(CASES.map(({ what }, i) => [what, i] as const))("%s", (_, i) => {
    expectRight(outcomes[i] as Outcome, at(`${i}.meta`), (CASES[i] as Case).right);
  });

  it.each(Object.keys(LARGE))("%s", async (what) => {
    const graph = (LARGE[what] as () => Omit<Case, "what">)();
    const path = write(`${what.replaceAll(" ", "-")}.meta`, graph);
    const [outcome] = await freeze([{ path, output: "out" }]);
    expectRight(outcome as Outcome, path, graph.right);
  });
});

it.each(["v2-with-meta/model.ckpt-7", "resource-variables/model.ckpt-1"])(
  "mutants of %s are refused or frozen",
  async (golden) => {
    const printed = await runInOwnProcess(
      `import { readFileSync } from "node:fs";
    import { dirname } from "node:path";
    import { freezeGraph } from "@tfsaver/interchange/frozen-graph";
    import { MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
    import { MetaGraphDef } from "@tfsaver/proto/meta-graph";
    import { Random } from "./tools/fuzz/random.ts";
    const storage = new MemoryStorage();
    for (const ending of [".index", ".data-00000-of-00001"]) {
      await writeFileAtomically(storage, "m" + ending, readFileSync(input.prefix + ending), "temporary");
    }
    const bytes = readFileSync(input.prefix + ".meta");
    const nodes = MetaGraphDef.decode(bytes).graphDef.node;
    const outputs = nodes.filter(({ op }) => op === "Identity" || op === "ReadVariableOp").map(({ name }) => name).slice(0, 3);
    const random = new Random(input.seed);
    for (let i = 0; i < 200; i++) {
      const mutant = Uint8Array.from(bytes);
      for (let n = random.below(3); n >= 0; n--) mutant[random.below(mutant.length)] = random.below(256);
      await writeFileAtomically(storage, "x.meta", mutant, "temporary");
      const outcome = await freezeGraph("x.meta", "m", "x.pb", { storage, outputs, force: true }).then(
        () => "frozen",
        ({ kind, message, stack }) => (kind !== undefined && /x\\.meta|\\bm\\b/.test(message) ? "refused" : stack),
      );
      console.log(outcome);
    }`,
      { prefix: `${goldensFolder}${golden}`, seed: seedOfCommit() },
    );
    expect(new Set(printed.trim().split("\n"))).toEqual(new Set(["frozen", "refused"]));
  },
);
