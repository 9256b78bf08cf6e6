import { readFileSync } from "node:fs";
import { constant, Graph, type Operation, PartitionedVariable, Variable } from "@tfsaver/graph";
import { describe, expect, it } from "vitest";
import { jsonLines } from "../../../fixtures/json-lines.js";
import {
  type Saveable,
  type SaveableFactory,
  SaveableObject,
  saveablesOf,
  specOf,
  type Trackable,
  type VarList,
} from "../src/index.js";

/** The grammar is that of tensorflow-var-lists.py. */
type Item =
  | ["ref" | "res" | "whole" | "named", string]
  | ["part", string, number]
  | ["saveable", string, Item]
  | ["thing", string | null, [attribute: string, kind: "factory" | "value", item: Item][]]
  | ["list" | "set", Item[]]
  | ["dict", [string, Item][]];

/** One record of tensorflow-var-lists.py. */
interface Recorded {
  readonly title: string;
  readonly varList: Item;
  readonly saveables?: readonly [name: string, specs: readonly [name: string, slice: string, dtype: string][]][];
  readonly error?: readonly [kind: string, message: string];
}

const records = jsonLines<Recorded>(readFileSync(new URL("tensorflow-var-lists.jsonl", import.meta.url), "utf8"));

class Named extends SaveableObject {
  constructor(variable: Variable, name: string) {
    super(variable, [specOf(variable.graphElement, "", name)], name);
  }

  override restore(): Operation {
    return expect.fail();
  }
}

class Maker {
  readonly #graph = new Graph();
  readonly #variables = new Map<string, Variable>();
  readonly #wholes = new Map<string, PartitionedVariable>();

  make(item: Item): unknown {
    switch (item[0]) {
      case "ref":
      case "res":
        return this.#variable(item[1], item[0] === "res");
      case "whole":
        return this.#whole(item[1]);
      case "part":
        return this.#whole(item[1]).parts[item[2]];
      case "saveable":
        return new Named(this.make(item[2]) as Variable, item[1]);
      case "named":
        return this.#named(item[1], item[1]);
      case "thing":
        return this.#thing(item[1], item[2]);
      case "list":
        return item[1].map((each) => this.make(each));
      case "set":
        return new Set(item[1].map((each) => this.make(each)));
      case "dict":
        return Object.fromEntries(item[1].map(([key, value]) => [key, this.make(value)]));
    }
  }

  #variable(name: string, useResource: boolean): Variable {
    const known = this.#variables.get(name);
    const variable = known ?? Variable.create([1], { graph: this.#graph, name, useResource });
    this.#variables.set(name, variable);
    return variable;
  }

  #whole(name: string): PartitionedVariable {
    const known = this.#wholes.get(name);
    const whole = known ?? PartitionedVariable.create([1, 2, 3], { graph: this.#graph, name, partitions: 2 });
    this.#wholes.set(name, whole);
    return whole;
  }

  #named(of: string, name: string): Named {
    return new Named(this.#variable(`under_${of}`, false), name);
  }

  #thing(name: string | null, attributes: [string, "factory" | "value", Item][]): Trackable {
    const declared = attributes.map(([attribute, kind, item]): [string, Saveable | SaveableFactory] => {
      if (kind === "value") return [attribute, this.make(item) as Saveable];
      if (item[0] !== "named") return [attribute, () => this.make(item) as Saveable];
      return [attribute, (under = item[1]) => this.#named(item[1], under)];
    });
    const gatherSaveablesForCheckpoint = () => Object.fromEntries(declared);
    return name === null ? { gatherSaveablesForCheckpoint } : { name, gatherSaveablesForCheckpoint };
  }
}

const make = (varList: Item) =>
  saveablesOf(new Maker().make(varList) as VarList).map(({ name, specs }) => [
    name,
    specs.map((spec) => [spec.name, spec.sliceSpec, spec.dtype]),
  ]);

describe("the saveables that TensorFlow makes of", () => {
  it.each(records.filter(({ saveables }) => saveables))("$title", ({ varList, saveables }) => {
    expect(make(varList)).toEqual(saveables);
  });
});

describe("TensorFlow refuses", () => {
  it.each(records.filter(({ error }) => error))("$title", ({ varList, error: [kind, message] = ["", ""] }) => {
    let thrown = new Error("nothing");
    try {
      make(varList);
    } catch (error) {
      thrown = error as Error;
    }
    // The wording is ours where TensorFlow fails with an AttributeError or while it converts to a tensor.
    if (kind !== "ValueError") return expect(thrown).toBeInstanceOf(TypeError);
    expect([thrown.name, thrown.message]).toEqual([kind, message.replace(/<.*$/, "Object")]);
  });
});

describe("an object that declares its own saveables", () => {
  it("can be of any class, and is asked once per list", () => {
    const graph = new Graph();
    const weights = Variable.create([1], { graph, name: "weights" });
    let asked = 0;
    class Layer implements Trackable {
      readonly name = "layer";

      gatherSaveablesForCheckpoint() {
        asked++;
        return { weights };
      }
    }
    expect(saveablesOf([new Layer()]).map(({ name }) => name)).toEqual(["weights"]);
    expect(asked).toBe(1);
  });

  it("is refused if it declares something that cannot be saved", () => {
    const graph = new Graph();
    const declares = (item: unknown): Trackable => ({
      name: "t",
      gatherSaveablesForCheckpoint: () => ({ x: item as Saveable }),
    });
    const one = constant(1, { graph });
    expect(() => saveablesOf([declares(one)])).toThrow(/^Variable to save is not a Variable: Const:0$/);
    expect(() => saveablesOf([declares(null)])).toThrow(/^Variable to save is not a Variable: null$/);
    expect(() => saveablesOf({ k: declares(one) })).toThrow(/Not a variable: Const:0$/);
    expect(() => saveablesOf({ k: declares(null) })).toThrow(TypeError);
  });
});
