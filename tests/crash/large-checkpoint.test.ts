import { closeSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toTensor } from "@tfsaver/core";
import { VarintReader } from "@tfsaver/core/coding";
import { attr, Graph, group } from "@tfsaver/graph";
import { exportMetaGraph, writeMetaGraph } from "@tfsaver/meta-graph";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { ROW, rows, SmallMemory } from "./small-memory.js";

/** Number of rows of 1 MiB of two tensors, and number of tensors of one row: 8 GiB in all, 1.86 GiB of them in small ones. */
const [LARGE, REST, LAYERS] = [5 << 10, 1172, 1900];

const folder = mkdtempSync(join(tmpdir(), "tfsaver-large-checkpoint-"));
const at = (name: string) => join(folder, name);
const layers = Array.from({ length: LAYERS }, (_, i) => `layer/${String(i).padStart(4, "0")}`);
let command: SmallMemory;

beforeAll(async () => {
  command = await SmallMemory.compile(folder);
  const writer = new BundleWriter(at("m"));
  const shape = [ROW / 4];
  await writer.addStream("large", { dtype: "float32", shape: [LARGE, ...shape] }, rows(LARGE));
  for (const [i, name] of layers.entries()) {
    await writer.addStream(name, { dtype: "float32", shape }, [toTensor(new Float32Array(ROW / 4).fill(i))]);
  }
  await writer.addStream("rest", { dtype: "float32", shape: [REST, ...shape] }, rows(REST));
  await writer.finish();
}, 600_000);

// The disk has room for two checkpoints.
afterEach(() => {
  for (const file of readdirSync(folder)) {
    if (/^(mean|edited|x|back|layers)/.test(file)) rmSync(at(file), { recursive: true });
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

it("8 GiB have statistics in less than 256 MiB", () => {
  const { tensors, total } = JSON.parse(command.run("stat", at("m"), "--json"));
  const largest = tensors.map(({ max }: { max: number }) => max);
  expect(largest).toEqual([LARGE - 1, ...layers.keys(), REST - 1]);
  expect(total).toMatchObject({ elements: 2 ** 33 / 4, min: 0, nan: 0 });
  const sums = [LARGE, LAYERS, REST].map((count) => (count * (count - 1)) / 2);
  expect(total.mean).toBeCloseTo(sums.reduce((a, b) => a + b) / 8192, 6);
});

it("8 GiB are listed by scope, searched, averaged and compared in less than 256 MiB", () => {
  expect(command.run("ls", at("m"), "--tree")).toContain("23.2 %");
  expect(command.run("grep", "layer/*", at("m"), "-l")).toBe(`${at("m")}\n`);
  expect(command.run("average", at("m"), at("m"), at("mean"))).toContain("1,902 tensors averaged");
  expect(command.run("diff", at("m"), at("mean"))).toBe("1902 equal\n");
});

it("8 GiB are edited in less than 256 MiB: renamed, and many tensors cast, in two shards", () => {
  const steps = ["--cast", "float16", "--match", "layer/*", "--add-scope", "model", "--shards", "2"];
  expect(command.run("edit", at("m"), at("edited"), ...steps)).toContain("1,902 tensors, 7.1 GiB, in 2 shards");
  expect(command.run("cat", at("edited"), "model/layer/0123", "--slice", ":2")).toBe("[123. 123.]\n");
  expect(command.run("cat", at("edited"), "model/large", "--slice", "7:8,:2")).toBe("[[7. 7.]]\n");
  expect(command.run("verify", at("edited"))).toContain("all checksums match");
});

it("1.86 GiB of variables become constants of one graph in less than 256 MiB", async () => {
  const graph = new Graph();
  const attrs = { dtype: attr.type("float32"), shape: attr.shape([ROW / 4]) };
  const variables = layers.map((name) => graph.createOperation("VariableV2", { name, attrs }));
  group(variables, { graph, name: "out" });
  await writeMetaGraph(at("layers.meta"), exportMetaGraph({ graph }));
  const args = [at("layers.meta"), at("layers.pb"), "--outputs", "out", "--checkpoint", at("m")];
  expect(command.run("freeze", ...args)).toContain("1,900 variables in 1,901 nodes");
  expect(lastNumbers(at("layers.pb"))).toEqual([...layers.keys()]);
});

// The last one, because it removes the checkpoint: the disk need not have room for three.
it("8 GiB are converted to safetensors and back in less than 256 MiB", () => {
  const digests = command.run("digest", at("m"));
  command.run("convert", at("m"), at("x.safetensors"), "--shards", "3");
  expect(readdirSync(folder).filter((name) => name.startsWith("x-"))).toHaveLength(3);
  for (const file of readdirSync(folder)) if (file.startsWith("m.")) rmSync(at(file));
  command.run("convert", at("x.safetensors.index.json"), at("back"));
  expect(command.run("digest", at("back"))).toBe(digests);
});

/** Returns the last number of each constant of a graph. */
function lastNumbers(path: string): number[] {
  const file = openSync(path, "r");
  try {
    const { size } = statSync(path);
    const bytes = (at: number, length: number) => {
      const target = new Uint8Array(length);
      readSync(file, target, 0, length, at);
      return target;
    };
    const found: number[] = [];
    for (let start = 0; start < size; ) {
      const head = new VarintReader(bytes(start, 11));
      const field = head.next();
      const length = head.next();
      const end = start + head.offset + length;
      // Of the fields of the graph, nodes have number 1; a constant ends with its content.
      if (field === 10 && length > ROW) found.push(new DataView(bytes(end - 4, 4).buffer).getFloat32(0, true));
      start = end;
    }
    return found;
  } finally {
    closeSync(file);
  }
}
