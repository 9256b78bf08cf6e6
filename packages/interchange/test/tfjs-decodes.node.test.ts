import { io, type NamedTensorMap } from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { tensorStrings } from "@tfsaver/core";
import { writeTfjsWeights } from "@tfsaver/interchange/tfjs-weights";
import { type MemoryStorage, readFile } from "@tfsaver/storage";
import { expect, it } from "vitest";
import { checkpointOf } from "./sources.js";
import { TFJS_WEIGHTS } from "./tfjs-content.js";

interface Model {
  readonly weightsManifest: { readonly paths: string[]; readonly weights: io.WeightsManifestEntry[] }[];
}

async function modelIn(storage: MemoryStorage): Promise<Model> {
  return JSON.parse(new TextDecoder().decode(await readFile(storage, "model.json")));
}

/** Decodes the weights with TensorFlow.js itself. */
async function decoded(storage: MemoryStorage): Promise<NamedTensorMap> {
  const [group] = (await modelIn(storage)).weightsManifest;
  const parts = await Promise.all((group?.paths ?? []).map((path) => readFile(storage, path)));
  return io.decodeWeights(Uint8Array.from(Buffer.concat(parts)).buffer, group?.weights ?? []);
}

it.each([1, 5])("TensorFlow.js decodes the weights that we write in %s files, bit for bit", async (shards) => {
  const { storage, reader } = await checkpointOf(TFJS_WEIGHTS);
  await writeTfjsWeights(reader, "model.json", { storage, shards });
  const found = await decoded(storage);
  expect(Object.keys(found).sort()).toEqual(Object.keys(TFJS_WEIGHTS).sort());
  for (const [name, tensor] of Object.entries(TFJS_WEIGHTS)) {
    const { dtype, shape, data } = tensor;
    expect(found[name], name).toMatchObject({ dtype, shape: [...shape] });
    const wanted = dtype === "string" ? tensorStrings(tensor).map((text) => new TextDecoder().decode(text)) : data;
    expect(await found[name]?.data(), name).toEqual(wanted);
  }
});
