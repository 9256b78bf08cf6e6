import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MetaGraphSummary, SignatureTensor } from "@tfsaver/checkpoint-tools/meta-graph";
import { afterAll, beforeAll, expect, it } from "vitest";
import { tfckpt } from "../../packages/cli/test/run-cli.js";
import { Oracle } from "./oracle.js";

/** Seed of the first graph. `TFSAVER_RANDOM_SEED` sets another one. */
const SEED = Number(process.env.TFSAVER_RANDOM_SEED ?? Date.now() % 1_000_000);
const COUNT = 40;
const SEEDS = Array.from({ length: COUNT }, (_, i) => SEED + i);

type Counts = Record<string, number>;
type Infos = Record<string, [name: string, dtype: string, shape: number[] | null]>;

/** What Python says about a file. */
interface Theirs {
  readonly path: string;
  readonly operations: number;
  readonly types: Counts;
  readonly devices: Counts;
  readonly tags: readonly string[];
  readonly collections: Record<string, [list: string, items: number]>;
  readonly signatures: Record<string, { method: string; inputs: Infos; outputs: Infos }>;
  readonly saver: readonly [maxToKeep: number, sharded: boolean] | null;
  readonly constants: Record<string, [dtype: string, shape: number[], bytes: number]>;
}

const KINDS: Readonly<Record<string, string>> = {
  node_list: "nodes",
  bytes_list: "messages",
  int64_list: "integers",
  float_list: "floats",
  any_list: "any",
};

let oracle: Oracle;
let folder: string;
let made: readonly Theirs[];
beforeAll(async () => {
  oracle = new Oracle();
  folder = mkdtempSync(join(tmpdir(), "tfsaver-meta-"));
  made = await oracle.ask<Theirs[]>("make_metas", { folder, seeds: SEEDS });
});
afterAll(() => {
  oracle.close();
  rmSync(folder, { recursive: true });
});

async function summaryOf(path: string): Promise<MetaGraphSummary> {
  const { code, stdout } = await tfckpt(["meta", path, "--json"]);
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

const infos = (tensors: readonly SignatureTensor[]) =>
  Object.fromEntries(tensors.map(({ key, name, dtype, shape }) => [key, [name, dtype, shape ?? null]]));

it(`tfckpt meta counts what Python counts in random graphs with seeds ${SEED} to ${SEED + COUNT - 1}`, async () => {
  for (const [i, theirs] of made.entries()) {
    const ours = await summaryOf(theirs.path);
    const where = `seed ${SEEDS[i]}`;
    expect(ours.operations, where).toBe(theirs.operations);
    expect(Object.fromEntries(ours.types.map(({ type, count }) => [type, count])), where).toEqual(theirs.types);
    expect(Object.fromEntries(ours.devices.map(({ device, count }) => [device, count])), where).toEqual(theirs.devices);
    expect(ours.tags, where).toEqual(theirs.tags);
    expect(Object.fromEntries(ours.collections.map(({ key, kind, items }) => [key, [kind, items]])), where).toEqual(
      Object.fromEntries(Object.entries(theirs.collections).map(([key, [list, items]]) => [key, [KINDS[list], items]])),
    );
    const signatures = ours.signatures.map(({ key, method, inputs, outputs }) => [
      key,
      { method, inputs: infos(inputs), outputs: infos(outputs) },
    ]);
    expect(Object.fromEntries(signatures), where).toEqual(theirs.signatures);
    const saver = ours.saver === undefined ? null : [ours.saver.maxToKeep, ours.saver.sharded];
    expect(saver, where).toEqual(theirs.saver);
  }
});

it(`tfckpt meta lists the ten constants that take the most bytes as NumPy arrays, with seeds from ${SEED} on`, async () => {
  for (const [i, theirs] of made.entries()) {
    const { constants } = await summaryOf(theirs.path);
    const sizes = Object.values(theirs.constants).map(([, , bytes]) => bytes);
    const largest = sizes.sort((a, b) => b - a).slice(0, 10);
    expect(
      constants.map(({ bytes }) => bytes),
      `seed ${SEEDS[i]}`,
    ).toEqual(largest);
    for (const { name, dtype, shape, bytes } of constants) {
      expect([dtype, shape, bytes], `seed ${SEEDS[i]}: ${name}`).toEqual(theirs.constants[name]);
    }
  }
});

it(`tfckpt meta --ops lists the operations in their order, with seeds from ${SEED} on`, async () => {
  for (const { path, operations, types } of made.slice(0, 5)) {
    const listed: { type: string }[] = JSON.parse((await tfckpt(["meta", path, "--ops", "--json"])).stdout);
    expect(listed).toHaveLength(operations);
    const counts: Counts = {};
    for (const { type } of listed) counts[type] = (counts[type] ?? 0) + 1;
    expect(counts).toEqual(types);
  }
});
