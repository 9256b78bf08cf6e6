import type { Tensor } from "@tfsaver/core";
import { attr, Graph, group, type Operation, type Output, type Variable } from "@tfsaver/graph";
import { SaveableObject, specOf, type VarList } from "@tfsaver/saver-builders";
import { type BuilderBench, type BuilderCase, numbers, variableOf } from "./builder-bench.js";

/** Saves variables of one graph, and restores those of the same names in another. */
async function restoreElsewhere(
  bench: BuilderBench,
  from: { readonly values: Readonly<Record<string, Tensor>>; readonly list: (v: Variable[]) => VarList },
  to: { readonly values: Readonly<Record<string, Tensor>>; readonly list: (v: Variable[]) => VarList },
): Promise<void> {
  const make = (values: Readonly<Record<string, Tensor>>) => {
    const graph = new Graph();
    const made = Object.entries(values).map(([name, value]) => [variableOf(graph, name, value), value] as const);
    return { graph, values: new Map(made) };
  };
  const source = make(from.values);
  const variables = [...source.values.keys()];
  const session = await bench.openInitialized(source.graph, variables);
  const path = await bench.save(session, bench.build(source.graph, from.list(variables)), bench.path("model"));
  const target = make(to.values);
  const fresh = bench.open(target.graph);
  await bench.restore(fresh, bench.build(target.graph, to.list([...target.values.keys()])), path);
  await bench.ensureValues(fresh, target.values, "restored in another graph");
}

const [ONE, TWO, THREE] = [numbers(2), numbers(2, 5), numbers(2, 9)] as const;

/** Saves two variables as one saveable, the second one first. */
class Pair extends SaveableObject {
  constructor(
    private readonly first: Variable,
    private readonly second: Variable,
  ) {
    super(first, [specOf(second.handle, "", "pair/second"), specOf(first.handle, "", "pair/first")], "pair");
  }

  override restore([second, first]: readonly Output[]): Operation {
    const assign = ({ graph, handle, dtype }: Variable, value: Output | undefined) =>
      graph.createOperation("Assign", { inputs: [handle, value as Output], attrs: { T: attr.type(dtype) } });
    return group([assign(this.first, first), assign(this.second, second)], { name: "restore_pair" });
  }
}

/** Cases for the names under which tensors are saved. */
export const namingCases: readonly BuilderCase[] = [
  [
    "restores a part of what was saved, by name",
    (bench) =>
      restoreElsewhere(
        bench,
        { values: { a: ONE, b: TWO, c: THREE }, list: (variables) => variables },
        { values: { c: THREE, b: TWO }, list: (variables) => variables },
      ),
  ],
  [
    "saves and restores under the names of a record or a Map",
    async (bench) => {
      await restoreElsewhere(
        bench,
        { values: { a: ONE, b: TWO }, list: ([a, b]) => ({ y: a as Variable, x: b as Variable }) },
        { values: { x: TWO, y: ONE }, list: (variables) => variables },
      );
      await restoreElsewhere(
        bench,
        { values: { a: ONE, b: TWO }, list: (variables) => variables },
        { values: { x: TWO }, list: ([x]) => new Map([["b", x as Variable]]) },
      );
    },
  ],
  [
    "supports names with slashes and any characters",
    (bench) =>
      restoreElsewhere(
        bench,
        { values: { a: ONE, b: TWO }, list: ([a, b]) => ({ "x/y/é漢🎉": a as Variable, "x/y": b as Variable }) },
        { values: { a: TWO, b: ONE }, list: ([a, b]) => ({ "x/y": a as Variable, "x/y/é漢🎉": b as Variable }) },
      ),
  ],
  [
    "passes the tensors of its specs to a saveable's restore, in order",
    async (bench) => {
      const graph = new Graph();
      const values = new Map([ONE, TWO, THREE].map((value, i) => [variableOf(graph, `v${i}`, value), value] as const));
      const [first, second, other] = [...values.keys()] as [Variable, Variable, Variable];
      const saver = bench.build(graph, [other, new Pair(first, second)]);
      const session = await bench.openInitialized(graph, values.keys());
      const path = await bench.save(session, saver, bench.path("model"));
      const fresh = bench.open(graph);
      await bench.restore(fresh, saver, path);
      await bench.ensureValues(fresh, values, "restored");
    },
  ],
  [
    "two savers of one graph save and restore their own variables, and read each other's checkpoints",
    async (bench) => {
      const graph = new Graph();
      const [a, b] = [variableOf(graph, "a", ONE), variableOf(graph, "b", TWO)];
      const both = bench.build(graph, [a, b]);
      const one = bench.build(graph, [b]);
      const session = await bench.openInitialized(graph, [a, b]);
      const paths = [
        await bench.save(session, both, bench.path("both")),
        await bench.save(session, one, bench.path("one")),
      ] as const;
      for (const path of paths) {
        const fresh = bench.open(graph);
        await bench.restore(fresh, one, path);
        await bench.ensureValues(fresh, new Map([[b, TWO]]), `restored from ${path}`);
      }
      const fresh = bench.open(graph);
      await bench.restore(fresh, both, paths[0]);
      await bench.ensureValues(
        fresh,
        new Map([
          [a, ONE],
          [b, TWO],
        ]),
        "restored",
      );
    },
  ],
];
