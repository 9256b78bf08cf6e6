import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { convertCheckpoint } from "@tfsaver/checkpoint-tools";
import { openKerasWeights } from "@tfsaver/interchange/keras-h5";
import { afterAll, beforeAll, expect, it } from "vitest";
import { plainForm } from "../content.js";
import { Oracle, type Tensors } from "../oracle.js";

interface KerasFile {
  readonly path: string;
  readonly weights: Tensors;
}

let oracle: Oracle;
let folder: string;
let files: KerasFile[];
beforeAll(async () => {
  oracle = new Oracle();
  folder = mkdtempSync(join(tmpdir(), "tfsaver-keras-"));
  files = await oracle.ask<KerasFile[]>("write_keras", { folder });
});
afterAll(() => {
  oracle.close();
  rmSync(folder, { recursive: true });
});

const ENDINGS = [".keras", ".weights.h5", ".weights.json", "-packed.keras"];

it.each(ENDINGS.flatMap((ending) => [`small${ending}`, `mixed${ending}`]))(
  "what is read of %s equals the weights of the model, bit for bit, by the rule of the README",
  async (name) => {
    const { path, weights } = files.find((file) => basename(file.path) === name) as KerasFile;
    const source = await openKerasWeights(path);
    await convertCheckpoint(source, join(folder, name.replace(/\W/g, "-")));
    await source.close();
    const reader = await openCheckpoint(join(folder, name.replace(/\W/g, "-")));
    const found: Tensors = {};
    for await (const info of reader.tensors()) {
      if (info.name.startsWith("layers/")) found[info.name] = plainForm(await reader.get(info.name));
    }
    await reader.close();
    expect(found).toEqual(weights);
  },
);
