import { cpSync, linkSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DType, toTensor } from "@tfsaver/core";
import { attr, constant, Graph, type Operation, type Output, Variable } from "@tfsaver/graph";
import { exportMetaGraph, Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { defaultStorage } from "@tfsaver/storage/default";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostileFolder, hostileGraphs } from "../../../../fixtures/hostile.js";
import { runInOwnProcess } from "../../../../tests/own-process.js";
import type { Action } from "./restore-in-process.js";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-hostile-"));
  await writeCheckpoint(join(folder, "m"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const PROGRAM = `
  import { outcomeOf } from "./packages/saver/test/restore/restore-in-process.ts";
  console.log(await outcomeOf(input.prefix, input.action));
`;

async function outcome(prefix: string, action: Action): Promise<string> {
  return (await runInOwnProcess(PROGRAM, { prefix, action })).trim();
}

const only = (op: Operation) => op.outputs[0] as Output;
const int64s = (graph: Graph, ...values: number[]) => constant(BigInt64Array.from(values, BigInt), { graph });
const int64 = (graph: Graph, value: number) => constant(BigInt(value), { graph, dtype: "int64" });

function op(graph: Graph, type: string, inputs: readonly Output[], dtype: DType, attrs = {}): Output {
  return only(graph.createOperation(type, { inputs, attrs: { T: attr.type(dtype), ...attrs } }));
}

function fill(graph: Graph, value: Output, ...dims: number[]): Output {
  const attrs = { index_type: attr.type("int64") };
  return op(graph, "Fill", [int64s(graph, ...dims), value], value.dtype as DType, attrs);
}

const floats = (graph: Graph, ...dims: number[]) => fill(graph, constant(1, { graph }), ...dims);
const strings = (graph: Graph, count: number, text = "a") => fill(graph, constant(text, { graph }), count);

/** A constant that repeats a value, or has none. */
function repeated(graph: Graph, value: string | number, ...dims: number[]): Output {
  const { op: original } = constant(value, { graph });
  const tensorShape = { dim: dims.map((size) => ({ size, name: "" })), unknownRank: false };
  const tensor = attr.tensor({ ...original.attributes.tensor("value"), tensorShape });
  return only(
    graph.createOperation("Const", { attrs: { dtype: attr.type(original.attributes.type("dtype")), value: tensor } }),
  );
}

function range(graph: Graph, count: number): Output {
  const inputs = [0, count, 1].map((value) => int64(graph, value));
  return only(graph.createOperation("Range", { inputs, attrs: { Tidx: attr.type("int64") } }));
}

function random(graph: Graph, type: string, dtype: DType, ...dims: number[]): Output {
  const attrs = { dtype: attr.type(dtype), T: attr.type("int64"), seed: attr.int(1), seed2: attr.int(1) };
  return only(graph.createOperation(type, { inputs: [int64s(graph, ...dims)], attrs }));
}

function table(graph: Graph, dtype: DType): Output {
  const attrs = { key_dtype: attr.type(dtype), value_dtype: attr.type(dtype) };
  return only(graph.createOperation("MutableHashTableV2", { attrs }));
}

function insert(graph: Graph, type: string, keys: Output): Operation {
  const dtype = keys.dtype as DType;
  const attrs = { Tin: attr.type(dtype), Tout: attr.type(dtype) };
  return graph.createOperation(type, { inputs: [table(graph, dtype), keys, keys], attrs });
}

function pack(graph: Graph, inputs: readonly Output[], axis = 0): Output {
  const attrs = { N: attr.int(inputs.length), axis: attr.int(axis) };
  return op(graph, "Pack", inputs, inputs[0]?.dtype as DType, attrs);
}

const times = (count: number, output: Output) => new Array<Output>(count).fill(output);

function match(graph: Graph, pattern: string, text: Output): Output {
  const attrs = { pattern: attr.string(pattern) };
  return only(graph.createOperation("StaticRegexFullMatch", { inputs: [text], attrs }));
}

/** Reads tensors of the checkpoint, whose name is in the constant of the saver. */
function restores(graph: Graph, names: readonly string[], specs: readonly string[], prefix: Output): Operation {
  const inputs = [prefix, constant([...names], { graph }), constant([...specs], { graph })];
  const dtypes = attr.types(names.map(() => "float32"));
  return graph.createOperation("RestoreV2", { inputs, attrs: { dtypes } });
}

/** The number of floats in variable `v` of the models: 16 MiB. */
const SIZE = 2 ** 22;

type Malice = (graph: Graph, prefix: Output) => Output | Operation;

/** Parts of a graph that ask for more than there is. */
const TOO_MUCH: Readonly<Record<string, Malice>> = {
  "a fill of 4 TiB": (graph) => floats(graph, 2 ** 20, 2 ** 20),
  "a fill of 130 million strings": (graph) => strings(graph, 130_000_000),
  "a range of 2^40 numbers": (graph) => range(graph, 2 ** 40),
  "a range of 15 million keys that a table imports": (graph) =>
    insert(graph, "LookupTableImportV2", range(graph, 15_000_000)),
  "a range of 15 million keys that are inserted into a table": (graph) =>
    insert(graph, "LookupTableInsertV2", range(graph, 15_000_000)),
  "a table of long keys": (graph) => insert(graph, "LookupTableInsertV2", strings(graph, 900_000, "x".repeat(50_000))),
  "500 million normal halves": (graph) => random(graph, "RandomStandardNormal", "float16", 500_000_000),
  "500 million truncated normals": (graph) => random(graph, "TruncatedNormal", "float32", 500_000_000),
  "16 billion uniform numbers": (graph) => random(graph, "RandomUniform", "float32", 2 ** 20, 2 ** 14),
  "a constant of 16 million strings": (graph) => repeated(graph, "a", 2 ** 24),
  "3,000 empty strings joined 16 million times": (graph) => {
    const empty = times(3000, constant("", { graph }));
    const attrs = { N: attr.int(3001) };
    return op(graph, "StringJoin", [repeated(graph, "", 2 ** 24), ...empty], "string", attrs);
  },
  "joining strings, twice as long each time": (graph) => {
    let joined = constant("x".repeat(1000), { graph });
    for (let i = 0; i < 40; i++) joined = op(graph, "StringJoin", [joined, joined], "string", { N: attr.int(2) });
    return joined;
  },
  "a sum of a row and a column": (graph) =>
    op(graph, "AddV2", [floats(graph, 2 ** 20, 1), floats(graph, 1, 2 ** 20)], "float32"),
  "a choice between a row and a column": (graph) => {
    const condition = fill(graph, constant(true, { graph, dtype: "bool" }), 2 ** 20, 1);
    return op(graph, "SelectV2", [condition, floats(graph, 1, 2 ** 20), floats(graph, 1)], "float32");
  },
  "packing a hundred tensors, and ten thousand of these": (graph) =>
    pack(graph, times(10_000, pack(graph, times(100, floats(graph, 10_000))))),
  "packing strings": (graph) => pack(graph, times(1000, pack(graph, times(1000, strings(graph, 10_000))))),
  "a pattern of a thousand letters, repeated, for a long text": (graph) =>
    match(graph, "(?:\\pL?){1000}".repeat(80), constant("a".repeat(50_000), { graph })),
  "a pattern of a million characters": (graph) => match(graph, "[\\pL]".repeat(200_000), constant("a", { graph })),
  "100,000 parts of a tensor, each of which verifies the whole": (graph, prefix) => {
    const specs = Array.from({ length: 100_000 }, (_, i) => `${SIZE} ${i},1`);
    return restores(
      graph,
      specs.map(() => "v"),
      specs,
      prefix,
    );
  },
  "long names for 60,000 tensors": (graph, prefix) => {
    const names = strings(graph, 60_000, "x".repeat(10_000));
    const attrs = { dtypes: attr.types(new Array<DType>(60_000).fill("float32")) };
    return graph.createOperation("RestoreV2", { inputs: [prefix, names, names], attrs });
  },
};

/** What a restore has no need to read. Another run may, because what it reads has no limit. */
const TOO_MUCH_TO_RESTORE: Readonly<Record<string, Malice>> = {
  "60 parts of a tensor, each nearly the whole": (graph, prefix) => {
    const specs = Array.from({ length: 60 }, (_, i) => `${SIZE} ${i},${SIZE - 60}`);
    return restores(graph, times60("v"), specs, prefix);
  },
};

/** Parts of a graph that look so, but are done in no time. */
const HARMLESS: Readonly<Record<string, Malice>> = {
  "packing rows without elements": (graph) => pack(graph, times(2, repeated(graph, 1, 2 ** 52, 0)), 1),
  "joining rows without elements": (graph) => {
    const inputs = [...times(2, repeated(graph, 1, 2 ** 52, 0)), constant(1, { graph, dtype: "int32" })];
    return op(graph, "ConcatV2", inputs, "float32", { N: attr.int(2), Tidx: attr.type("int32") });
  },
  "packing strings without elements": (graph) => pack(graph, times(2, repeated(graph, "", 2 ** 52, 0)), 1),
  "a slice without elements": (graph) => {
    const inputs = [repeated(graph, 1, 2 ** 50, 0), int64s(graph, 0, 0), int64s(graph, 2 ** 49, 0)];
    return op(graph, "Slice", inputs, "float32", { Index: attr.type("int64") });
  },
  "a pattern of optional parts": (graph) => match(graph, `${"a?".repeat(60)}b`, constant("a".repeat(60), { graph })),
  "a pattern of alternatives": (graph) => match(graph, `${"(a|aa)".repeat(40)}b`, constant("a".repeat(60), { graph })),
  "a pattern of nested repetitions": (graph) => match(graph, "(a+)+", constant(`${"a".repeat(60)}!`, { graph })),
  "a tensor that is read 60 times by one operation": (graph, prefix) =>
    restores(graph, times60("v"), times60(""), prefix),
  "a tensor that is read 60 times by 60 operations": (graph, prefix) => {
    const reads = Array.from({ length: 60 }, () => only(restores(graph, ["v"], [""], prefix)));
    return pack(graph, reads.slice(0, 2));
  },
};

function times60(text: string): string[] {
  return new Array<string>(60).fill(text);
}

/** Makes a graph of the variable `v`, and its saver. */
function model() {
  const graph = new Graph();
  const v = Variable.create(new Float32Array(SIZE), { graph, name: "v" });
  return { graph, v, saver: new Saver({ graph }) };
}

/** Writes the files of a checkpoint of {@link model}, which all cases share. */
async function writeCheckpoint(prefix: string): Promise<void> {
  const { graph, v, saver } = model();
  const session = new LocalSession(graph, { storage: defaultStorage() });
  await session.run(v.initializer);
  await saver.save(session, prefix, { writeMetaGraph: false, writeState: false });
}

/** Makes a checkpoint with a meta graph whose restore operation runs the malice, too. */
async function write(malice: Malice, onSave = false): Promise<string> {
  const prefix = join(mkdtempSync(join(folder, "m-")), "m");
  for (const ending of [".index", ".data-00000-of-00001"]) linkSync(join(folder, `m${ending}`), prefix + ending);
  const { graph, saver } = model();
  const saverDef = { ...(saver.asSaverDef() as NonNullable<ReturnType<Saver["asSaverDef"]>>) };
  const made = malice(graph, graph.output(saverDef.filenameTensorName));
  const bad = "op" in made ? made.op : made;
  if (onSave) {
    const inputs = [graph.output(saverDef.saveTensorName)];
    const attrs = { T: attr.type("string") };
    saverDef.saveTensorName = only(graph.createOperation("Identity", { inputs, controlInputs: [bad], attrs })).name;
  } else {
    const controlInputs = [bad, graph.operation(saverDef.restoreOpName)];
    saverDef.restoreOpName = graph.createOperation("NoOp", { controlInputs }).name;
  }
  await exportMetaGraph({ filename: `${prefix}.meta`, graph, saverDef });
  return prefix;
}

/** Kinds of runs: a restore is confined, another run is not. */
const RUNS: readonly Action[] = ["restore", "run"];

describe("a process with 10 seconds and 400 MiB", () => {
  it.each(Object.keys(TOO_MUCH))("refuses a graph that asks for too much: %s", async (kind) => {
    const prefix = await write(TOO_MUCH[kind] as Malice);
    for (const run of RUNS) expect(await outcome(prefix, run)).toBe("ResourceExhaustedError");
  });

  it.each(Object.keys(TOO_MUCH_TO_RESTORE))("refuses a graph that restores too much: %s", async (kind) => {
    const prefix = await write(TOO_MUCH_TO_RESTORE[kind] as Malice);
    expect(await outcome(prefix, "restore")).toBe("ResourceExhaustedError");
  });

  it.each(Object.keys(HARMLESS))("runs a graph that only seems to ask for too much: %s", async (kind) => {
    const prefix = await write(HARMLESS[kind] as Malice);
    for (const run of RUNS) expect(await outcome(prefix, run)).toBe("done");
  });

  it("refuses to write strings that take gigabytes only in the file", async () => {
    const prefix = await write((graph) => {
      const tensor = strings(graph, 900_000, "x".repeat(100_000));
      const texts = (value: string) => constant(toTensor([value], "string", [1]), { graph });
      const inputs = [constant("m-new-strings", { graph }), texts("s"), texts(""), tensor];
      return graph.createOperation("SaveV2", { inputs, attrs: { dtypes: attr.types(["string"]) } });
    }, true);
    expect(await outcome(prefix, "save")).toBe("ResourceExhaustedError");
  });

  it.each(hostileGraphs)("copes with the file $name: $outcome", async ({ name, outcome: expected }) => {
    const prefix = join(mkdtempSync(join(folder, "file-")), "m");
    cpSync(join(hostileFolder, name), join(prefix, ".."), { recursive: true });
    for (const run of RUNS) expect(await outcome(prefix, run)).toBe(expected);
  });
});
