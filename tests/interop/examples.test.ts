import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadVariable } from "@tfsaver/checkpoint-reader";
import { bfloat16ToNumber } from "@tfsaver/core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { root } from "../workspace.js";
import { contentOf } from "./content.js";
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

function run(example: string): void {
  const tsx = ["--import", "tsx", "--conditions=@tfsaver/source", `examples/${example}/src/main.ts`, folder];
  execFileSync(process.execPath, tsx, { cwd: root });
}

it("TensorFlow reads the checkpoint of the custom builder, and restores it as float32 through its meta graph", async () => {
  run("custom-builder");
  const prefix = join(folder, "bfloat16.ckpt");
  const content = await contentOf(prefix);
  expect(content.bias?.dtype).toBe("bfloat16");
  expect(await oracle.ask<Tensors>("read_checkpoint", { prefix })).toEqual(content);

  const stored = (await loadVariable(prefix, "bias")).data as Uint16Array;
  const bias = Float32Array.from(stored, bfloat16ToNumber);
  const params = { meta: `${prefix}.meta`, prefix, init: [], fetches: ["bias/Read/ReadVariableOp:0", "step:0"] };
  const restored = await oracle.ask<Tensors>("restore_and_run", params);
  expect(restored["bias/Read/ReadVariableOp:0"]).toEqual({
    dtype: "float32",
    shape: [64],
    bytes_hex: Buffer.from(bias.buffer).toString("hex"),
  });
  expect(restored["step:0"]).toEqual(content.step);
});

it("TensorFlow restores the example's vocabulary through its meta graph", async () => {
  run("vocabulary");
  const prefix = join(folder, "model.ckpt");
  const content = await contentOf(prefix);
  expect(await oracle.ask<Tensors>("read_checkpoint", { prefix })).toEqual(content);
  const [keys, values] = [0, 1].map((i) => `vocabulary_lookup_table_export_values/LookupTableExportV2:${i}`);
  const params = { meta: `${prefix}.meta`, prefix, init: [], fetches: [keys, values, "embedding:0"] };
  const restored = await oracle.ask<Tensors>("restore_and_run", params);
  const words = restored[keys as string] as unknown as { strings_b64: string[] };
  const saved = content["vocabulary/words"] as unknown as { strings_b64: string[] };
  expect([...words.strings_b64].sort()).toEqual([...saved.strings_b64].sort());
  expect(restored["embedding:0"]).toEqual(content.embedding);
});
