import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadVariable } from "@tfsaver/checkpoint-reader";
import { type Tensor, tensorStrings } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { importMetaGraph, Saver } from "@tfsaver/saver";
import { MutableHashTable } from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { Oracle, type Tensors } from "./oracle.js";

let oracle: Oracle;
let folder: string;
beforeAll(() => {
  oracle = new Oracle();
});
afterAll(() => oracle.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-interop-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const WORDS = { the: 0, of: 1, "": 2, naïve: 3 };
const EXPORTED = [0, 1].map((i) => `tab_lookup_table_export_values/LookupTableExportV2:${i}`);

function wordsOf([keys, values]: readonly Tensor[]): Record<string, number> {
  const names = tensorStrings(keys as Tensor).map((bytes) => new TextDecoder().decode(bytes));
  return Object.fromEntries(names.map((name, i) => [name, Number((values as Tensor).data[i])]));
}

const wordsIn = async (prefix: string) =>
  wordsOf([await loadVariable(prefix, "tab-keys"), await loadVariable(prefix, "tab-values")]);

function model() {
  const graph = new Graph();
  const table = MutableHashTable.create({
    ...{ graph, name: "tab", keyDtype: "string", valueDtype: "int64", defaultValue: -1 },
  });
  const weights = Variable.create([0, 0], { graph, name: "weights", useResource: true });
  return { graph, table, weights, saver: new Saver({ graph }), session: new LocalSession(graph) };
}

it("TensorFlow restores a table that tfsaver saved, and tfsaver restores it from TensorFlow's next save", async () => {
  const { table, weights, saver, session } = model();
  const insert = table.insert(Object.keys(WORDS), Object.values(WORDS));
  await session.run([insert, weights.initializer]);
  const ours = (await saver.save(session, join(folder, "ours"))) as string;
  expect(await wordsIn(ours)).toEqual(WORDS);

  const save_to = join(folder, "theirs");
  const fetches = [...EXPORTED, "weights/Read/ReadVariableOp:0"];
  const init = ["weights/Assign"];
  const restored = await oracle.ask<Tensors>("restore_and_run", {
    ...{ meta: `${ours}.meta`, prefix: ours, init, fetches, save_to },
  });
  expect(restored[EXPORTED[0] as string]?.shape).toEqual([4]);

  const theirs = model();
  await theirs.session.run(theirs.table.insert(["stale"], [9]));
  await theirs.saver.restore(theirs.session, save_to);
  const { keys, values } = theirs.table.export();
  expect(wordsOf(await theirs.session.run([keys, values]))).toEqual(WORDS);
  expect(await theirs.session.run(theirs.table.lookup(["of", "stale"]))).toMatchObject({
    data: BigInt64Array.of(1n, -1n),
  });
});

it("tfsaver restores a table that TensorFlow saved through its meta graph, and saves it again", async () => {
  const prefix = await oracle.ask<string>("save_table", { prefix: join(folder, "python"), words: WORDS });
  const graph = new Graph();
  const saver = (await importMetaGraph(`${prefix}.meta`, { graph })) as Saver;
  const session = new LocalSession(graph);
  await saver.restore(session, prefix);
  expect(wordsOf(await session.run(EXPORTED as [`${string}:0`, `${string}:1`]))).toEqual(WORDS);
  const again = (await saver.save(session, join(folder, "again"))) as string;
  // In the order of the restored checkpoint.
  for (const name of ["tab-keys", "tab-values", "weights"]) {
    expect(await loadVariable(again, name)).toEqual(await loadVariable(prefix, name));
  }
});
