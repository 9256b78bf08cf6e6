import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { type DType, dtypeInfo, toTensor } from "@tfsaver/core";
import { Graph, GraphKeys, type Variable } from "@tfsaver/graph";
import { importMetaGraph, type Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { goldenCheckpoints, goldensFolder } from "../../fixtures/goldens.js";
import { contentOf, valuesOf } from "./content.js";
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

async function open(meta: string) {
  const graph = new Graph();
  const saver = (await importMetaGraph(meta, { graph })) as Saver;
  return { graph, saver, session: new LocalSession(graph) };
}

function variablesOf(graph: Graph): Variable[] {
  return graph.collection(GraphKeys.GLOBAL_VARIABLES) as Variable[];
}

/** Doubles every floating-point variable by feeding its initializer. */
async function change(session: LocalSession): Promise<void> {
  for (const variable of variablesOf(session.graph)) {
    if (!["float32", "float64"].includes(variable.dtype)) continue;
    const value = await session.run(variable.snapshot);
    const data = value.data as Float32Array;
    const doubled = toTensor(
      data.map((x) => 2 * x),
      value.dtype,
      value.shape,
    );
    await variable.load(doubled, session);
  }
}

describe.each([
  ["reference variables", "v2-with-meta", "model.ckpt-7"],
  ["resource variables", "resource-variables", "model.ckpt-2"],
])("a model of %s", (_, golden, name) => {
  it("goes from Python to tfsaver, back, and to tfsaver again, with every value equal at each step", async () => {
    const start = `${goldensFolder}${golden}/${name}`;
    const here = await open(`${start}.meta`);
    await here.saver.restore(here.session, start);
    await change(here.session);
    const ours = (await here.saver.save(here.session, join(folder, "ours"), { globalStep: 8 })) as string;
    const saved = await valuesOf(here.session);

    const python = await oracle.ask<{ restored: Tensors; saved: Tensors; path: string }>("restore_with_meta", {
      meta: `${ours}.meta`,
      prefix: ours,
      save_to: join(folder, "theirs"),
    });
    expect(python.restored).toEqual(saved);

    const again = await open(`${python.path}.meta`);
    await again.saver.restore(again.session, python.path);
    expect(await valuesOf(again.session)).toEqual(python.saved);
  });
});

it("TensorFlow reads a checkpoint of every dtype that tfsaver wrote", async () => {
  const golden = goldenCheckpoints("v2-all-dtypes").find(({ prefix }) => prefix === "all");
  if (golden === undefined) throw new Error("no such golden");
  const reader = await openCheckpoint(golden.path);
  const writer = new BundleWriter(join(folder, "all"));
  for await (const { name } of reader.tensors()) await writer.add(name, await reader.get(name));
  await writer.finish();
  await reader.close();
  const content = await contentOf(golden.path);
  const read = await oracle.ask<Tensors>("read_checkpoint", { prefix: join(folder, "all") });
  for (const tensor of [...Object.values(read), ...Object.values(content)]) clearUnusedBits(tensor);
  expect(read).toEqual(content);
});

/** Clears the unused bits of integers of less than a byte, into which NumPy extends the sign. */
function clearUnusedBits(tensor: { dtype: string; bytes_hex?: string }): void {
  const { bits } = dtypeInfo(tensor.dtype as DType);
  if (bits >= 8 || bits === 0 || tensor.bytes_hex === undefined) return;
  const bytes = Buffer.from(tensor.bytes_hex, "hex").map((byte) => byte & ((1 << bits) - 1));
  Object.assign(tensor, { bytes_hex: Buffer.from(bytes).toString("hex") });
}
