import { type Tensor, toTensor } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { SaverDef } from "@tfsaver/proto/saver";
import { Saver, type SaverOptions } from "@tfsaver/saver";
import { BaseSaverBuilder, HostSaveable, type HostSpec, HostVariable } from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { Bfloat16SaverBuilder } from "../../../../examples/custom-builder/src/bfloat16-saver-builder.js";
import { errorOf, filesIn, smallModel } from "../model.js";

function eagerModel(options: SaverOptions = {}) {
  const storage = new MemoryStorage();
  const a = new HostVariable([1, 2], { name: "a" });
  const b = new HostVariable(toTensor(3, "int32"), { name: "b" });
  const eager = (graph: Graph) => new LocalSession(graph, { storage });
  const saver = new Saver({ varList: [a, b], eager, storage, ...options });
  return { storage, a, b, eager, saver };
}

const kind = (kind: string) => expect.objectContaining({ kind });

describe("an eager saver", () => {
  it("saves and restores values without a graph, and adds nothing to the default graph", async () => {
    const { a, b, saver, storage } = eagerModel();
    expect(await saver.save(null, "m", { globalStep: 7 })).toBe("m-7");
    expect(await filesIn(storage)).toEqual(["checkpoint", "m-7.data-00000-of-00001", "m-7.index"]);
    a.assign([8, 9]);
    b.assign(0);
    await saver.restore(null, "m-7");
    expect(a.value).toEqual(toTensor([1, 2]));
    expect(b.value).toEqual(toTensor(3, "int32"));
    expect(saver.lastCheckpoints).toEqual(["m-7"]);
  });

  it("saves the current values each time", async () => {
    const { a, saver } = eagerModel();
    await saver.save(null, "m-1");
    a.assign([3, 4]);
    await saver.save(null, "m-2");
    await saver.restore(null, "m-1");
    expect(a.value).toEqual(toTensor([1, 2]));
    await saver.restore(null, "m-2");
    expect(a.value).toEqual(toTensor([3, 4]));
  });

  it("and a saver of a graph read each other's checkpoints", async () => {
    const { storage, session, a, saver } = await smallModel({ useResource: true });
    await saver.save(session, "graph");
    const value = new HostVariable([0, 0], { name: "a" });
    const eager = (graph: Graph) => new LocalSession(graph, { storage });
    const eagerSaver = new Saver({ varList: [value], eager, storage });
    await eagerSaver.restore(null, "graph");
    expect(value.value).toEqual(toTensor([1, 2]));
    value.assign([5, 6]);
    await eagerSaver.save(null, "eager");
    await new Saver({ graph: session.graph, storage, varList: [a] }).restore(session, "eager");
    expect(await session.run(a.snapshot)).toEqual(toTensor([5, 6]));
  });

  it("takes names from a dictionary", async () => {
    const { a, storage, eager } = eagerModel();
    await new Saver({ varList: new Map([["x", a]]), eager, storage }).save(null, "m");
    const other = new HostVariable([0, 0], { name: "other" });
    await new Saver({ varList: { x: other }, eager, storage }).restore(null, "m");
    expect(other.value).toEqual(toTensor([1, 2]));
  });

  it("accepts saveables with several tensors, and restores each from its own tensors", async () => {
    class Pair extends HostSaveable {
      values: readonly Tensor[] = [toTensor(["a", "b"]), toTensor([1n, 2n])];
      override specs(name: string): HostSpec[] {
        return this.values.map((value, i) => ({
          name: `${name}-${["keys", "values"][i]}`,
          dtype: value.dtype,
          shape: [-1],
          value: async () => this.values[i] as Tensor,
        }));
      }
      override async restore(tensors: readonly Tensor[]): Promise<void> {
        this.values = tensors;
      }
    }
    const { storage, eager } = eagerModel();
    const pair = new Pair("vocabulary");
    const saver = new Saver({ varList: [pair], eager, storage });
    await saver.save(null, "m");
    const before = pair.values;
    pair.values = [toTensor(["z"]), toTensor([0n])];
    await saver.restore(null, "m");
    expect(pair.values).toEqual(before);
    const part = new HostVariable([0n], { name: "vocabulary-values", shape: [-1] });
    await new Saver({ varList: [part], eager, storage }).restore(null, "m");
    expect(part.value).toEqual(toTensor([1n, 2n]));
  });

  it("uses a custom builder, whose version takes precedence", async () => {
    const { storage, saver, a } = eagerModel({ builder: new BaseSaverBuilder(1), onWarning: () => {} });
    await saver.save(null, "m");
    expect(await filesIn(storage)).toEqual(["checkpoint", "m"]);
    a.assign([0, 0]);
    await saver.restore(null, "m");
    expect(a.value).toEqual(toTensor([1, 2]));
  });

  it("changes nothing when one value does not fit", async () => {
    const { a, storage, eager, saver } = eagerModel();
    await saver.save(null, "m");
    const small = new HostVariable([7], { name: "b2", shape: [1] });
    const varList = new Map<string, HostVariable>([
      ["b", a],
      ["a", small],
    ]);
    expect(await errorOf(() => new Saver({ varList, eager, storage }).restore(null, "m"))).toMatchObject({
      kind: "InvalidArgumentError",
    });
    const error = await errorOf(() => new Saver({ varList: { a: small }, eager, storage }).restore(null, "m"));
    expect(error).toMatchObject({
      kind: "ValueError",
      message: expect.stringContaining(
        "Received incompatible tensor with shape [2] when attempting to restore variable with shape [1] and name a",
      ),
    });
    expect(small.value).toEqual(toTensor([7]));
  });

  it("reshapes with reshape", async () => {
    const { storage, eager, saver } = eagerModel();
    await saver.save(null, "m");
    const column = new HostVariable([[0], [0]], { name: "a" });
    await new Saver({ varList: [column], eager, storage, reshape: true }).restore(null, "m");
    expect(column.value).toEqual(toTensor([[1], [2]]));
  });

  it("matches variables with the tensors that a custom builder stores", async () => {
    const { storage, eager, saver } = eagerModel({ builder: new Bfloat16SaverBuilder() });
    await saver.save(null, "m");
    const varList = [new HostVariable([0, 0], { name: "a" }), new HostVariable([5], { name: "new" })] as const;
    const other = new Saver({ varList, eager, storage, builder: new Bfloat16SaverBuilder() });
    expect(await other.restore(null, "m", { match: "intersect" })).toMatchObject({ restored: ["a"], mismatched: [] });
    expect(varList[0].value).toEqual(toTensor([1, 2]));
  });

  it("restores matching variables, and reports the others", async () => {
    const { storage, eager, saver } = eagerModel();
    await saver.save(null, "m");
    const varList = [new HostVariable([0, 0], { name: "a" }), new HostVariable([5], { name: "new" })] as const;
    const report = await new Saver({ varList, eager, storage }).restore(null, "m", { match: "intersect" });
    expect(report).toEqual({ restored: ["a"], missing: ["new"], mismatched: [], unused: ["b"] });
    expect(varList.map(({ value }) => value)).toEqual([toTensor([1, 2]), toTensor([5])]);
  });

  it("names a value that the checkpoint lacks", async () => {
    const { storage, eager, saver } = eagerModel();
    await saver.save(null, "m");
    const varList = [new HostVariable(0, { name: "new" })];
    const error = await errorOf(() => new Saver({ varList, eager, storage }).restore(null, "m"));
    expect(error).toMatchObject({ kind: "NotFoundError", tensor: "new" });
  });

  it("describes what it did last, as TensorFlow does", async () => {
    const { saver } = eagerModel({ maxToKeep: 3 });
    expect(saver.asSaverDef()).toBeUndefined();
    await saver.save(null, "m");
    const settings = { maxToKeep: 3, keepCheckpointEveryNHours: 10000, version: 2 };
    expect(saver.asSaverDef()).toMatchObject({
      ...settings,
      filenameTensorName: "m",
      saveTensorName: "m",
      restoreOpName: "",
    });
    await saver.restore(null, "m");
    expect(saver.asSaverDef()).toMatchObject({ ...settings, filenameTensorName: "m", saveTensorName: "" });
  });

  it("takes the step from a tensor of values, and removes old checkpoints", async () => {
    const { saver, storage } = eagerModel({ maxToKeep: 1 });
    for (const step of [1n, 2n]) await saver.save(null, "m", { globalStep: toTensor(step) });
    expect(saver.lastCheckpoints).toEqual(["m-2"]);
    expect(await filesIn(storage)).toEqual(["checkpoint", "m-2.data-00000-of-00001", "m-2.index"]);
  });
});

describe("refuses in eager mode, like TensorFlow:", () => {
  const { a, eager } = eagerModel();

  it("no list of variables", () => {
    expect(() => new Saver({ eager })).toThrow(
      "When eager execution is enabled, `var_list` must specify a list or dict",
    );
    expect(() => new Saver({ eager, allowEmpty: true })).toThrow(kind("RuntimeError"));
  });

  it("building, and exporting the graph", async () => {
    const { saver } = eagerModel();
    expect(() => saver.build()).toThrow("Use save/restore instead of build in eager mode.");
    expect(await errorOf(() => saver.exportMetaGraph())).toMatchObject({ kind: "RuntimeError" });
  });

  it("variables of a graph, and other values", () => {
    const variable = Variable.create(1, { graph: new Graph(), useResource: true });
    expect(() => new Saver({ varList: [variable] as never, eager })).toThrow(
      "Can only save/restore ResourceVariables when executing eagerly",
    );
    expect(() => new Saver({ varList: "a" as never, eager })).toThrow(TypeError);
    expect(() => new Saver({ varList: a as never, eager })).toThrow(TypeError);
  });

  it("two variables of one name, and one under two names", async () => {
    const twin = new HostVariable([0], { name: "a" });
    expect(() => new Saver({ varList: [a, twin], eager })).toThrow(
      "Two different ResourceVariable objects with the same shared_name",
    );
    expect(() => new Saver({ varList: [a, [a]], eager })).not.toThrow();
    const error = await errorOf(() => new Saver({ varList: { x: a, y: a }, eager }).save(null, "m"));
    expect(error).toMatchObject({ kind: "ValueError", message: expect.stringContaining("two names: y") });
  });

  it("the description of a graph, and values that are not sessions", () => {
    const saverDef = SaverDef.create({ saveTensorName: "s:0", restoreOpName: "r" });
    expect(() => new Saver({ varList: [a], eager, saverDef })).toThrow(kind("ValueError"));
    expect(() => new Saver({ varList: [a], eager: true as never })).toThrow(TypeError);
  });

  it("shards, and hours that are not a number", () => {
    expect(() => new Saver({ varList: [a], eager, sharded: true })).toThrow(kind("RuntimeError"));
    expect(() => new Saver({ varList: [a], eager, keepCheckpointEveryNHours: null })).toThrow(TypeError);
  });

  it("a step that only a graph knows", async () => {
    const { saver } = eagerModel();
    expect(await errorOf(() => saver.save(null, "m", { globalStep: "step:0" }))).toBeInstanceOf(TypeError);
  });

  it("saving nothing, unless that is allowed", async () => {
    const { storage } = eagerModel();
    const saver = new Saver({ varList: [], eager, storage });
    expect(await errorOf(() => saver.save(null, "m"))).toMatchObject({ message: "No variables to save" });
    const allowed = new Saver({ varList: [], eager, storage, allowEmpty: true });
    expect(await allowed.save(null, "m")).toBeUndefined();
    await allowed.restore(null, "nowhere");
    expect(allowed.asSaverDef()).toBeUndefined();
  });
});

it("a variable takes only values of its dtype and shape", () => {
  const variable = new HostVariable([1, 2], { name: "v", dtype: "float64", shape: [-1] });
  expect(variable.dtype).toBe("float64");
  variable.assign([1, 2, 3]);
  expect(variable.value).toEqual(toTensor([1, 2, 3], "float64"));
  expect(() => variable.assign([[1]])).toThrow(kind("ValueError"));
  expect(() => new HostVariable([1], { name: "v" }).assign(["text"] as never)).toThrow();
});
