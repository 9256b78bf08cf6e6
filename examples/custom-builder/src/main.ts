/**
 * Saves the same variables unchanged and as bfloat16, and compares the files. Run it with
 * `npx tsx examples/custom-builder/src/main.ts`, optionally followed by an output folder.
 */
import { mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatBytes, Graph, group, LocalSession, listVariables, Saver, Variable } from "tfsaver";
import { Bfloat16SaverBuilder } from "./bfloat16-saver-builder.js";

const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), "tfsaver-example-"));

const graph = new Graph();
const kernel = Variable.create(waves(256, 64), { graph, name: "kernel" });
const bias = Variable.create(waves(1, 64)[0] ?? [], { graph, name: "bias", useResource: true });
const step = Variable.create(1_000_003, { graph, name: "step", dtype: "int64", trainable: false });
const initialize = group([kernel, bias, step].map(({ initializer }) => initializer));

const exact = new Saver({ graph });
const compact = new Saver({ graph, builder: new Bfloat16SaverBuilder() });

const session = new LocalSession(graph);
await session.run(initialize);
const exactPath = (await exact.save(session, join(folder, "float32.ckpt"), { writeState: false })) ?? "";
const compactPath = (await compact.save(session, join(folder, "bfloat16.ckpt"), { writeState: false })) ?? "";

for (const [title, path] of [
  ["unchanged", exactPath],
  ["as bfloat16", compactPath],
] as const) {
  const tensors = await listVariables(path);
  const size = statSync(`${path}.data-00000-of-00001`).size;
  console.log(`${title}: ${formatBytes(size)}`);
  for (const { name, dtype, shape } of tensors) console.log(`  ${name} ${dtype} [${shape}]`);
}

const fresh = new LocalSession(graph);
await compact.restore(fresh, compactPath);
const variables = [kernel, bias] as const;
const [before, after] = [await session.run(variables), await fresh.run(variables)];
const errors = variables.flatMap((_, i) => {
  const restored = after[i]?.data as Float32Array;
  return Array.from(before[i]?.data as Float32Array, (x, j) => Math.abs(x - (restored[j] ?? Number.NaN)) / Math.abs(x));
});
console.log(`restored as ${after.map(({ dtype }) => dtype).join(" and ")}`);
console.log(`largest relative error: ${Math.max(...errors).toFixed(5)}, at most ${2 ** -8} by rounding`);
console.log(`step is exact: ${(await fresh.run(step)).data[0]}`);
await Promise.all([session.close(), fresh.close()]);

/** Makes numbers with many digits, none of which is 0. */
function waves(rows: number, columns: number): number[][] {
  const value = (i: number) => Math.sin(i + 1) * 1.5 ** (i % 7);
  return Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (_, c) => value(row * columns + c)));
}
