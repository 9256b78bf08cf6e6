import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { objectGraphKeyMapping, openCheckpoint, readObjectGraph } from "@tfsaver/checkpoint-reader";
import { digestCheckpoint, editCheckpoint } from "@tfsaver/checkpoint-tools";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectedForm } from "../../fixtures/goldens.js";
import { Oracle, type Tensors } from "./oracle.js";

interface Written {
  readonly prefix: string;
  /** Tensors by their keys in the checkpoint. */
  readonly tensors: Tensors;
  /** Keys of the name-based names. */
  readonly mapping: Record<string, string>;
  /** Names and numbers of each object's children. */
  readonly children: [string, number][][];
}

let oracle: Oracle;
let folder: string;
let written: Record<string, Written>;
beforeAll(async () => {
  oracle = new Oracle();
  folder = mkdtempSync(join(tmpdir(), "tfsaver-objects-"));
  written = await oracle.ask("write_objects", { folder });
});
afterAll(() => {
  oracle.close();
  rmSync(folder, { recursive: true });
});

it.each([
  ["tf.train.Checkpoint of a tree of modules", "modules", "net/by_name/wörter/kernel/.ATTRIBUTES/VARIABLE_VALUE"],
  [
    "tf.train.Checkpoint of a Keras model and its optimizer",
    "keras",
    "optimizer/_iterations/.ATTRIBUTES/VARIABLE_VALUE",
  ],
  ["the variables of a SavedModel", "saved model", "layers/0/bias/.ATTRIBUTES/VARIABLE_VALUE"],
])("reads every value and the object graph of %s", async (_, which, key) => {
  const { prefix, tensors, mapping, children } = written[which] as Written;
  expect(Object.keys(tensors)).toContain(key);
  const reader = await openCheckpoint(prefix);
  const found: Tensors = {};
  for await (const { name } of reader.tensors()) {
    const { dtype_enum: _enum, ...form } = expectedForm(await reader.get(name));
    found[name] = form;
  }
  expect(found).toEqual(tensors);
  expect(Object.fromEntries((await objectGraphKeyMapping(reader)) ?? [])).toEqual(mapping);
  const graph = await readObjectGraph(reader);
  expect(graph?.nodes.map((node) => node.children.map(({ localName, nodeId }) => [localName, nodeId]))).toEqual(
    children,
  );
  await reader.close();
});

it.each(["modules", "keras", "saved model"])(
  "renames every object of %s there and back, and has the same graph",
  async (which) => {
    const { prefix } = written[which] as Written;
    const steps = [{ rename: "s|^|x/y/|" }, { rename: "s|^x/y/||" }];
    const made = await editCheckpoint(prefix, join(folder, `${which}-again`), { steps });
    const [before, after] = [await openCheckpoint(prefix), await openCheckpoint(made.prefix)];
    expect(await readObjectGraph(after)).toEqual(await readObjectGraph(before));
    const digests = [await digestCheckpoint(prefix), await digestCheckpoint(made.prefix)];
    expect(digests[1]).toEqual(digests[0]);
    for (const reader of [before, after]) await reader.close();
  },
);
