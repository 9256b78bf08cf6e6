import { readFileSync } from "node:fs";
import { makeTensor, type Shape, tensorStrings, toTensor } from "@tfsaver/core";
import { GraphDef, VariableDef } from "@tfsaver/proto/graph";
import { beforeEach, describe, expect, it } from "vitest";
import { base64 } from "../../../../fixtures/bytes.js";
import { jsonLines } from "../../../../fixtures/json-lines.js";
import {
  constant,
  Graph,
  GraphKeys,
  type Output,
  PartitionedVariable,
  placeholder,
  tensorFromProto,
  Variable,
} from "../../src/index.js";

/** One record of tensorflow-partitioned.py. Messages are in base64. */
interface Recorded {
  readonly title: string;
  readonly shape: readonly number[];
  readonly partitions: number;
  readonly axis: number;
  readonly scope?: string;
  readonly device?: string;
  readonly as_tensor_device?: string;
  readonly resource: boolean;
  readonly name: string;
  readonly variables: readonly string[];
  readonly global: readonly string[];
  readonly tensors: readonly string[];
  /** What each assignment returned. */
  readonly assigned: readonly string[][];
  readonly graph: string;
}

const records = jsonLines<Recorded>(readFileSync(new URL("tensorflow-partitioned.jsonl", import.meta.url), "utf8"));

let graph: Graph;
beforeEach(() => {
  graph = new Graph();
});

function counted(shape: readonly number[]) {
  const size = shape.reduce((product, length) => product * length, 1);
  return toTensor(
    Float32Array.from({ length: size }, (_, i) => i),
    "float32",
    shape,
  );
}

/** The initial values of the parts. */
function initialValues(variable: PartitionedVariable) {
  return variable.parts.map(({ initialValue }) => {
    const tensor = tensorFromProto((initialValue?.op ?? expect.fail()).attributes.tensor("value"));
    return [tensor.shape, tensor.dtype === "string" ? tensorStrings(tensor).map(String) : [...tensor.data]];
  });
}

describe("a partitioned variable, cut and joined as in TensorFlow", () => {
  it.each(records)("$title, resource: $resource", (recorded) => {
    const { shape, partitions, axis, scope = "", device = "", resource } = recorded;
    const value = constant(counted(shape), { graph, name: "value" });
    const options = { name: "p", partitions, axis, useResource: resource };
    const create = () => graph.withDevice(device, () => PartitionedVariable.create(value, options));
    const variable = graph.withNameScope(scope, create);
    expect([variable.name, variable.shape, variable.dtype]).toEqual([recorded.name, shape, "float32"]);
    expect(variable.parts.map((part) => base64(VariableDef.encode(part.toProto())))).toEqual(recorded.variables);
    expect(graph.collection(GraphKeys.GLOBAL_VARIABLES)).toEqual([...variable]);
    expect(graph.collection(GraphKeys.TRAINABLE_VARIABLES)).toEqual([...variable]);
    const initializer = (variable.parts[0] as Variable).initializer;
    const names = graph.withNameScope("elsewhere", () =>
      graph.withDevice(recorded.as_tensor_device ?? "", () =>
        graph.withControlDependencies([initializer], () => [variable.asTensor().name, variable.asTensor().name]),
      ),
    );
    expect(names).toEqual(recorded.tensors);
    const assigned = graph.withNameScope("elsewhere/", () =>
      graph.withDevice(recorded.as_tensor_device ?? "", () => [
        variable.assign(counted(shape)),
        variable.assignAdd(value, { name: "mine", useLocking: true }),
        variable.assignSub(variable),
        variable.assign(variable.parts),
        variable.assignSub(variable.parts.map((part) => part.initialValue as Output)),
        variable.assignAdd(
          variable.parts.map((part) => {
            const size = (part.shape as Shape).reduce((product, length) => product * length, 1);
            return makeTensor("float32", part.shape as Shape, new Float32Array(size).fill(1));
          }),
        ),
      ]),
    );
    expect(assigned.map((outputs) => outputs.map(({ name }) => name))).toEqual(recorded.assigned);
    const bytes = GraphDef.encode({ ...graph.toGraphDef(true), versions: undefined });
    expect(GraphDef.decode(bytes)).toEqual(GraphDef.decode(Buffer.from(recorded.graph, "base64")));
    expect(base64(bytes)).toBe(recorded.graph);
  });
});

describe("a partitioned value", () => {
  it("is cut along the axis, with the first parts longer by one", () => {
    const rows = PartitionedVariable.create(counted([5, 2]), { graph, name: "rows", partitions: 2 });
    expect(initialValues(rows)).toEqual([
      [
        [3, 2],
        [0, 1, 2, 3, 4, 5],
      ],
      [
        [2, 2],
        [6, 7, 8, 9],
      ],
    ]);
    const columns = PartitionedVariable.create(counted([2, 3]), { graph, name: "columns", partitions: 2, axis: 1 });
    expect(initialValues(columns)).toEqual([
      [
        [2, 2],
        [0, 1, 3, 4],
      ],
      [
        [2, 1],
        [2, 5],
      ],
    ]);
    expect(columns.partitions).toEqual([1, 2]);
  });

  it("can be text, and of a given dtype", () => {
    const text = PartitionedVariable.create(["a", "b", "c"], { graph, name: "text", partitions: 3, dtype: "string" });
    expect(initialValues(text)).toEqual([
      [[1], ["97"]],
      [[1], ["98"]],
      [[1], ["99"]],
    ]);
    expect(PartitionedVariable.create([1, 2], { graph, name: "i", partitions: 2, dtype: "int64" }).dtype).toBe("int64");
  });

  it("can be made from its parts in any order", () => {
    const made = PartitionedVariable.create(counted([4, 2]), { graph, name: "p", partitions: 2 });
    const wrapped = new PartitionedVariable([...made].reverse());
    expect(wrapped).toEqual(made);
  });

  it("can be cut in two dimensions, but not joined then", () => {
    const part = (row: number, column: number) =>
      Variable.create([[0]], {
        graph,
        name: `part_${row}${column}`,
        saveSliceInfo: { fullName: "p", fullShape: [2, 2], varOffset: [row, column], varShape: [1, 1] },
      });
    const variable = new PartitionedVariable([part(1, 1), part(0, 1), part(1, 0), part(0, 0)]);
    expect(variable.parts.map(({ name }) => name)).toEqual(["part_00:0", "part_01:0", "part_10:0", "part_11:0"]);
    expect(variable.partitions).toEqual([2, 2]);
    expect(() => variable.asTensor()).toThrow(expect.objectContaining({ kind: "UnimplementedError" }));
  });
});

describe("an invalid partitioned variable", () => {
  const create = (value: Parameters<typeof PartitionedVariable.create>[0], options: object = {}) =>
    PartitionedVariable.create(value, { graph, name: "p", partitions: 2, ...options });
  const whole = () => Variable.create(1, { graph });

  it.each<[string, () => unknown]>([
    ["a scalar", () => create(1)],
    ["an axis that is not there", () => create([1, 2], { axis: 1 })],
    ["no parts", () => create([1, 2], { partitions: 0 })],
    ["half a part", () => create([1, 2], { partitions: 0.5 })],
    ["nothing", () => create(counted([0, 2]))],
    ["an output of unknown shape", () => create(placeholder("float32", { graph }))],
    ["one that is there already", () => [create([1, 2]), create([1, 2])]],
    ["an empty list", () => new PartitionedVariable([])],
    ["a whole variable", () => new PartitionedVariable([whole()])],
    [
      "parts of two variables",
      () => new PartitionedVariable([...create([1, 2], { name: "p" }), ...create([1, 2], { name: "q" })]),
    ],
  ])("%s", (_, attempt) => {
    expect(attempt).toThrow(expect.objectContaining({ kind: "ValueError" }));
  });
});
