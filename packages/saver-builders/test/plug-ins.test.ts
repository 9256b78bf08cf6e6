import { attr, constant, Graph, group, type Operation, type Output, Variable } from "@tfsaver/graph";
import { describe, expect, it } from "vitest";
import {
  BaseSaverBuilder,
  BulkSaverBuilder,
  restoreV2,
  SaveableObject,
  type SaveSpec,
  saveV2,
  specOf,
  tensorOf,
} from "../src/index.js";

/** Saves a variable and a counter under one name. */
class Counted extends SaveableObject {
  readonly seen: unknown[] = [];

  constructor(
    private readonly value: Variable,
    private readonly count: Variable,
    name: string,
  ) {
    const spec = (variable: Variable, suffix: string): SaveSpec => specOf(variable.handle, "", name + suffix);
    super(value, [spec(value, ""), spec(count, "-count")], name);
  }

  override restore(tensors: readonly Output[], shapes: readonly (Output | readonly number[])[] | undefined): Operation {
    this.seen.push(
      tensors.map(({ name }) => name),
      shapes,
    );
    const { graph } = this.value;
    const assign = (variable: Variable, tensor: Output | undefined) =>
      graph.createOperation("Assign", {
        inputs: [variable.handle, tensor as Output],
        attrs: { T: attr.type(variable.dtype) },
      });
    return group([assign(this.value, tensors[0]), assign(this.count, tensors[1])], { name: "restore_counted" });
  }
}

const strings = (graph: Graph, name: string) =>
  graph
    .operation(name)
    .attributes.tensor("value")
    .stringVal.map((bytes) => new TextDecoder().decode(bytes));

function model() {
  const graph = new Graph();
  const value = Variable.create([1, 2], { graph, name: "value" });
  const count = Variable.create(0, { graph, name: "count", dtype: "int64" });
  const other = Variable.create(3, { graph, name: "other" });
  return { graph, other, counted: new Counted(value, count, "m") };
}

// Custom saveables: the specification, 4.3 and 5.11.
describe("a custom saveable", () => {
  it("is saved by its specs and restored by its own method", () => {
    const { graph, other, counted } = model();
    const def = new BulkSaverBuilder().build([other, counted], { graph });
    expect(strings(graph, "save/SaveV2/tensor_names")).toEqual(["m", "m-count", "other"]);
    const save = graph.operation("save/SaveV2");
    expect(save.inputs.slice(3).map(({ name }) => name)).toEqual(["value:0", "count:0", "other:0"]);
    expect(save.attributes.types("dtypes")).toEqual(["float32", "int64", "float32"]);
    expect(counted.seen).toEqual([["save/RestoreV2:0", "save/RestoreV2:1"], undefined]);
    expect(graph.operation(def.restoreOpName).toNodeDef().input).toEqual(["^save/Assign_2", "^save/restore_counted"]);
  });

  it("receives the shapes of restored tensors with the option reshape", () => {
    const { graph, counted } = model();
    new BulkSaverBuilder().build([counted], { graph, reshape: true });
    expect(counted.seen[1]).toEqual([[2], []]);
  });

  it("is on the device of its first tensor", () => {
    const { graph, counted } = model();
    expect(counted.device).toBe("");
    const placed = graph.withDevice("/gpu:0", () => Variable.create(1, { graph }));
    expect(new Counted(placed, placed, "x").device).toBe("/device:GPU:0");
  });
});

describe("a custom builder", () => {
  it("can save and restore differently", () => {
    class Compressed extends BaseSaverBuilder {
      protected override saveOp(filename: Output, saveables: readonly SaveableObject[]): Operation {
        const specs = saveables.flatMap(({ specs }) => specs);
        const op = filename.graph.createOperation("SaveCompressed", {
          inputs: [filename, ...specs.map(tensorOf)],
        });
        return op;
      }

      protected override restoreOp(filename: Output, { specs }: SaveableObject): readonly Output[] {
        const { graph } = filename;
        const what = { names: specs.map(({ name }) => `z/${name}`), slices: specs.map(() => "") };
        return graph.withNameScope("compressed", () =>
          restoreV2(
            filename,
            what,
            specs.map(({ dtype }) => dtype),
          ),
        );
      }
    }
    const { graph, other, counted } = model();
    const def = new Compressed().build([counted, other], { graph, name: "z" });
    expect(graph.operation("z/SaveCompressed").toNodeDef().input).toEqual(["z/Const", "value", "count", "other"]);
    expect(graph.output(def.saveTensorName).op.toNodeDef().input).toEqual(["z/Const", "^z/SaveCompressed"]);
    expect(strings(graph, "z/compressed/RestoreV2/tensor_names")).toEqual(["z/m", "z/m-count"]);
    expect(strings(graph, "z/compressed_1/RestoreV2/tensor_names")).toEqual(["z/other"]);
    expect(counted.seen[0]).toEqual(["z/compressed/RestoreV2:0", "z/compressed/RestoreV2:1"]);
  });

  it("can replace the file name tensor", () => {
    class Fixed extends BulkSaverBuilder {
      protected override addFilename(graph: Graph, filename: string): Output {
        return constant(filename, { graph, name: "Const" });
      }
    }
    const { graph, other } = model();
    const def = new Fixed().build([other], { graph, filename: "here" });
    expect(def.filenameTensorName).toBe("save/Const:0");
    expect(strings(graph, "save/Const")).toEqual(["here"]);
  });

  it("can use the operations of the built-in builders", () => {
    const graph = new Graph();
    const prefix = constant("p", { graph });
    const value = constant([1, 2], { graph, name: "v" });
    const what = { names: ["v"], slices: [""] };
    expect(saveV2(prefix, what, [value]).toNodeDef().input.at(-1)).toBe("v");
    expect(restoreV2(prefix, what, ["float32"]).map(({ dtype }) => dtype)).toEqual(["float32"]);
  });
});

// The specification, 4.6: which method calls which.
describe("the methods of a builder", () => {
  class Traced extends BaseSaverBuilder {
    readonly calls: string[] = [];

    #trace<T>(name: string, result: T): T {
      this.calls.push(name);
      return result;
    }

    protected override buildInternal(...args: Parameters<BaseSaverBuilder["buildInternal"]>) {
      return this.#trace("buildInternal", super.buildInternal(...args));
    }

    protected override addFilename(...args: Parameters<BaseSaverBuilder["addFilename"]>) {
      return this.#trace("addFilename", super.addFilename(...args));
    }

    protected override groupByDevices(...args: Parameters<BaseSaverBuilder["groupByDevices"]>) {
      return this.#trace("groupByDevices", super.groupByDevices(...args));
    }

    protected override addSaveOps(...args: Parameters<BaseSaverBuilder["addSaveOps"]>) {
      return this.#trace("addSaveOps", super.addSaveOps(...args));
    }

    protected override saveOp(...args: Parameters<BaseSaverBuilder["saveOp"]>) {
      return this.#trace("saveOp", super.saveOp(...args));
    }

    protected override addShardedSaveOps(...args: Parameters<BaseSaverBuilder["addShardedSaveOps"]>) {
      return this.#trace("addShardedSaveOps", super.addShardedSaveOps(...args));
    }

    protected override addShardedSaveOpsForV2(...args: Parameters<BaseSaverBuilder["addShardedSaveOpsForV2"]>) {
      return this.#trace("addShardedSaveOpsForV2", super.addShardedSaveOpsForV2(...args));
    }

    protected override shardedFilename(...args: Parameters<BaseSaverBuilder["shardedFilename"]>) {
      return this.#trace("shardedFilename", super.shardedFilename(...args));
    }

    protected override addRestoreOps(...args: Parameters<BaseSaverBuilder["addRestoreOps"]>) {
      return this.#trace("addRestoreOps", super.addRestoreOps(...args));
    }

    protected override addShardedRestoreOps(...args: Parameters<BaseSaverBuilder["addShardedRestoreOps"]>) {
      return this.#trace("addShardedRestoreOps", super.addShardedRestoreOps(...args));
    }

    protected override bulkRestore(...args: Parameters<BaseSaverBuilder["bulkRestore"]>) {
      return this.#trace("bulkRestore", super.bulkRestore(...args));
    }

    protected override restoreOp(...args: Parameters<BaseSaverBuilder["restoreOp"]>) {
      return this.#trace("restoreOp", super.restoreOp(...args));
    }
  }

  const restored = ["restoreOp", "restoreOp", "bulkRestore", "addRestoreOps"];
  it.each<[string, number | undefined, boolean, string[]]>([
    ["without shards", undefined, false, ["addFilename", "saveOp", "addSaveOps", ...restored]],
    [
      "with shards",
      undefined,
      true,
      [
        ...["addFilename", "groupByDevices", "shardedFilename", "saveOp", "addSaveOps"],
        ...["addShardedSaveOpsForV2", "addShardedSaveOps", ...restored, "addShardedRestoreOps"],
      ],
    ],
    [
      "with shards of V1",
      1,
      true,
      [
        ...["addFilename", "groupByDevices", "shardedFilename", "saveOp", "addSaveOps"],
        ...["addShardedSaveOps", ...restored, "addShardedRestoreOps"],
      ],
    ],
  ])("are called in TensorFlow's order, %s", (_, version, sharded, expected) => {
    const { graph, other, counted } = model();
    const builder = new Traced(version);
    builder.build([other, counted], { graph, sharded });
    expect(builder.calls).toEqual([...expected, "buildInternal"]);
  });
});
