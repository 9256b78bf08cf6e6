import { allocateTensor, type Tensor, toTensor } from "@tfsaver/core";
import { bertToHuggingFace, mapTensors, parseNameMap } from "@tfsaver/interchange";
import { openSafetensors, writeSafetensors } from "@tfsaver/interchange/safetensors";
import { describe, expect, it } from "vitest";
import wanted from "./bert-hugging-face.json" with { type: "json" };
import { checkpointOf, contentOf } from "./sources.js";

const [LAYERS, HIDDEN, VOCABULARY, POSITIONS] = [12, 24, 1000, 64];

/** Returns the shapes of the variables of BERT by their real names, as its run_pretraining.py saves them; the sizes are small. */
function bertShapes(): Record<string, number[]> {
  const dense = (name: string, inputs: number, outputs: number) => ({
    [`${name}/kernel`]: [inputs, outputs],
    [`${name}/bias`]: [outputs],
  });
  const norm = (name: string) => ({ [`${name}/LayerNorm/beta`]: [HIDDEN], [`${name}/LayerNorm/gamma`]: [HIDDEN] });
  const layers = Array.from({ length: LAYERS }, (_, i) => `bert/encoder/layer_${i}`).map((layer) => ({
    ...dense(`${layer}/attention/self/query`, HIDDEN, HIDDEN),
    ...dense(`${layer}/attention/self/key`, HIDDEN, HIDDEN),
    ...dense(`${layer}/attention/self/value`, HIDDEN, HIDDEN),
    ...dense(`${layer}/attention/output/dense`, HIDDEN, HIDDEN),
    ...norm(`${layer}/attention/output`),
    ...dense(`${layer}/intermediate/dense`, HIDDEN, 4 * HIDDEN),
    ...dense(`${layer}/output/dense`, 4 * HIDDEN, HIDDEN),
    ...norm(`${layer}/output`),
  }));
  return Object.assign(
    {
      "bert/embeddings/word_embeddings": [VOCABULARY, HIDDEN],
      "bert/embeddings/token_type_embeddings": [2, HIDDEN],
      "bert/embeddings/position_embeddings": [POSITIONS, HIDDEN],
    },
    norm("bert/embeddings"),
    ...layers,
    dense("bert/pooler/dense", HIDDEN, HIDDEN),
    dense("cls/predictions/transform/dense", HIDDEN, HIDDEN),
    norm("cls/predictions/transform"),
    {
      "cls/predictions/output_bias": [VOCABULARY],
      "cls/seq_relationship/output_weights": [2, HIDDEN],
      "cls/seq_relationship/output_bias": [2],
    },
  );
}

function numbered(shape: readonly number[], first: number): Tensor {
  const tensor = allocateTensor("float32", shape);
  const data = tensor.data as Float32Array;
  for (let i = 0; i < data.length; i++) data[i] = first + i;
  return tensor;
}

describe("bertToHuggingFace", () => {
  it("gives names, shapes and transpositions as transformers prints them", async () => {
    const shapes = bertShapes();
    const tensors: Record<string, Tensor> = { global_step: toTensor(20n) };
    for (const [i, [name, shape]] of Object.entries(shapes).entries()) {
      tensors[name] = numbered(shape, i * 1000);
      for (const slot of ["adam_m", "adam_v"]) tensors[`${name}/${slot}`] = numbered(shape, 0);
    }
    const { storage, reader } = await checkpointOf(tensors);
    await writeSafetensors(await mapTensors(reader, bertToHuggingFace), "m.safetensors", { storage });
    await using source = await openSafetensors("m.safetensors", { storage });
    const found: Record<string, readonly number[]> = {};
    for await (const { name, shape } of source.tensors()) found[name] = shape;
    expect(found).toEqual(wanted);
    expect(source.metadata).toEqual({ format: "pt" });
    const [kernel, weight] = await Promise.all([
      reader.get("bert/encoder/layer_3/output/dense/kernel"),
      source.get("bert.encoder.layer.3.output.dense.weight"),
    ]);
    const [before, after] = [kernel.data as Float32Array, weight.data as Float32Array];
    for (let row = 0; row < HIDDEN; row++) {
      for (let column = 0; column < 4 * HIDDEN; column++) {
        expect(after[row * 4 * HIDDEN + column]).toBe(before[column * HIDDEN + row]);
      }
    }
    const table = await source.get("bert.embeddings.word_embeddings.weight");
    expect(table).toEqual(await reader.get("bert/embeddings/word_embeddings"));
  });
});

describe("mapTensors", () => {
  const tensors = { a: toTensor([[1, 2, 3]]), b: toTensor([1]) };

  it("refuses names without a rule, and two names that become one", async () => {
    const { reader } = await checkpointOf(tensors);
    const refused = (map: object) => mapTensors(reader, map as never);
    await expect(refused({ rules: [{ from: "a", to: "c" }] })).rejects.toThrow("The map has no rule for b:");
    await expect(refused({ rules: [{ from: "[ab]", to: "c" }] })).rejects.toThrow("a and b would both become c");
    await expect(refused({ rules: [], drop: [".*"] })).rejects.toThrow("The map leaves no tensor");
    await expect(refused({ rules: [{ from: "(", to: "c" }] })).rejects.toThrow(
      "'(' in the map is not a regular expression",
    );
  });

  const parse = (text: string) => parseNameMap(new TextEncoder().encode(text), "map.json");

  it("renames and copies by a table, keeps the others, and refuses names that no tensor has", async () => {
    const { reader } = await checkpointOf(tensors);
    const { a, b } = await contentOf(reader);
    for (const map of [parse('{"a": ["x", "y"]}'), parse("a\tx\ty\n"), { a: ["x", "y"] }]) {
      const source = await mapTensors(reader, map);
      expect(await contentOf(source)).toEqual({ x: a, y: a, b });
    }
    await expect(mapTensors(reader, { c: "d" })).rejects.toThrow("The map has a name that no tensor has: c");
    await expect(mapTensors(reader, { a: "b" })).rejects.toThrow("a and b would both become b");
    // A table may have a tensor of this name.
    const { reader: other } = await checkpointOf({ rules: tensors.b });
    expect(await contentOf(await mapTensors(other, parse('{"rules": ["x"]}')))).toEqual({ x: b });
  });

  it("takes rules from JSON, and refuses what is none", async () => {
    const { reader } = await checkpointOf(tensors);
    const map = parse('{"rules": [{"from": "(a)", "to": "x.$1", "transpose": true}], "drop": ["b"]}');
    const source = await mapTensors(reader, map);
    expect(await source.get("x.a")).toEqual(toTensor([[1], [2], [3]]));
    for (const text of [
      "{}",
      "",
      "a",
      "a\t",
      '{"rules": [{}]}',
      '{"a": 1}',
      '{"rules": [], "drops": []}',
      "[]",
      '{"rules": [], "drop": [1]}',
    ]) {
      expect(() => parse(text)).toThrow("map.json");
    }
  });
});
