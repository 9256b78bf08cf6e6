import { type Tensor, toTensor } from "@tfsaver/core";
import { attr, Graph, group, type Operation, type Output, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import {
  HostSaveable,
  type HostSpec,
  ReferenceVariableSaveable,
  type SaveableFactory,
  SaveableObject,
  type Trackable,
  type VarList,
} from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { initializedSession, valuesOf } from "../model.js";

/** Holds a variable that is saved unchanged. */
class Holder implements Trackable {
  constructor(
    readonly name: string,
    readonly variable: Variable,
  ) {}

  gatherSaveablesForCheckpoint(): Readonly<Record<string, SaveableFactory>> {
    return { value: (name = this.name) => new ReferenceVariableSaveable(this.variable.handle, name) };
  }
}

/** Saves the first of two variables, and restores both from it. */
class MirroredSaveable extends SaveableObject {
  readonly #first: ReferenceVariableSaveable;

  constructor(
    first: Variable,
    private readonly mirror: Variable,
    name: string,
  ) {
    const saveable = new ReferenceVariableSaveable(first.handle, name);
    super(first, saveable.specs, name);
    this.#first = saveable;
  }

  override restore(tensors: readonly Output[]): Operation {
    const [value] = tensors as [Output];
    const { graph } = value;
    const attrs = { T: attr.type(this.mirror.dtype) };
    const mirrored = graph.createOperation("Assign", { inputs: [this.mirror.handle, value], attrs });
    return group([this.#first.restore(tensors, undefined), mirrored], { graph, name: "mirrored" });
  }
}

class Mirrored implements Trackable {
  readonly name = "mirrored";

  constructor(
    readonly first: Variable,
    readonly mirror: Variable,
  ) {}

  gatherSaveablesForCheckpoint(): Readonly<Record<string, SaveableFactory>> {
    return { value: (name = this.name) => new MirroredSaveable(this.first, this.mirror, name) };
  }
}

describe("objects that define how they are saved", () => {
  it.each(["list", "dictionary"])("are saved and restored from a %s, among variables", async (form) => {
    const storage = new MemoryStorage();
    const graph = new Graph();
    const [v, held, first, mirror] = [1, 2, 3, 4].map((value) => Variable.create(value, { graph })) as [
      Variable,
      Variable,
      Variable,
      Variable,
    ];
    const [holder, mirrored] = [new Holder("holder", held), new Mirrored(first, mirror)];
    const varList: VarList = form === "list" ? [v, holder, mirrored] : { v, holder, mirrored };
    const saver = new Saver({ graph, storage, varList });
    const session = await initializedSession(graph, storage);
    await saver.save(session, "objects");
    const other = new LocalSession(graph, { storage });
    await saver.restore(other, "objects");
    expect(await valuesOf(other, [v, held, first, mirror])).toEqual([1, 2, 3, 3]);
  });
});

it("without a graph, a value is computed once to be saved, and not to be restored", async () => {
  class Counted extends HostSaveable {
    computed = 0;
    restored: readonly Tensor[] = [];
    override specs(name: string): HostSpec[] {
      const value = async () => toTensor(++this.computed, "int32");
      return [{ name, dtype: "int32", shape: [], value }];
    }
    override async restore(tensors: readonly Tensor[]): Promise<void> {
      this.restored = tensors;
    }
  }
  const storage = new MemoryStorage();
  const counted = new Counted("counted");
  const eager = (graph: Graph) => new LocalSession(graph, { storage });
  const saver = new Saver({ varList: { counted }, eager, storage });
  await saver.save(null, "m");
  expect(counted.computed).toBe(1);
  await saver.restore(null, "m");
  expect([counted.computed, counted.restored]).toEqual([1, [toTensor(1, "int32")]]);
});
