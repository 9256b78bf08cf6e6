import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { averageCheckpoints, convertCheckpoint, diffCheckpoints, statCheckpoint } from "@tfsaver/checkpoint-tools";
import { type DType, type Tensor, tensorBytes, tensorStrings } from "@tfsaver/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Content,
  inShards,
  type Part,
  patternOf,
  randomContent,
  randomParts,
  randomTensor,
  specOf,
} from "../../tools/fuzz/content.js";
import { Random } from "../../tools/fuzz/random.js";
import { Oracle } from "./oracle.js";

/** Seed of the first checkpoint. `TFSAVER_RANDOM_SEED` sets another one. */
const SEED = Number(process.env.TFSAVER_RANDOM_SEED ?? Date.now() % 1_000_000);
const COUNT = 40;
const SEEDS = Array.from({ length: COUNT }, (_, i) => SEED + i);

let oracle: Oracle;
let root: string;
beforeAll(() => {
  oracle = new Oracle();
  root = mkdtempSync(join(tmpdir(), "tfsaver-math-"));
});
afterAll(() => {
  oracle.close();
  rmSync(root, { recursive: true });
});

/** Lets TensorFlow write checkpoints, and returns their prefixes. */
async function write(contents: readonly Content[], name: string): Promise<string[]> {
  const checkpoints = contents.map(({ version, shards }, i) => {
    const folder = join(root, `${name}-${i}`);
    mkdirSync(folder, { recursive: true });
    return { version, prefix: join(folder, "m"), shards: shards.map((shard) => shard.map(recordOf)) };
  });
  await oracle.ask("write_checkpoints", { checkpoints });
  return checkpoints.map(({ prefix }, i) => patternOf(prefix, contents[i] as Content));
}

function recordOf({ name, shape, slice, tensor }: Part) {
  const common = { name, dtype: tensor.dtype, shape: tensor.shape, spec: specOf(shape, slice) };
  if (tensor.dtype === "string") {
    return { ...common, strings: tensorStrings(tensor).map((item) => Buffer.from(item).toString("base64")) };
  }
  return { ...common, bytes: Buffer.from(tensorBytes(tensor)).toString("base64") };
}

/** Makes a content of other values for the same names, dtypes and shapes, in other slices and shards. */
function varied({ version, tensors }: Content, random: Random, isChanged: () => boolean): Content {
  const changed = new Map<string, { tensor: Tensor; parts: Part[] }>();
  for (const [name, { tensor }] of tensors) {
    const other = isChanged() ? randomTensor(random, tensor.dtype, [...tensor.shape]) : tensor;
    changed.set(name, { tensor: other, parts: randomParts(random, name, other) });
  }
  return inShards(version, changed, 3, random);
}

/** Numbers as Python prints them. */
const number = (text: string | null | undefined) =>
  text === null || text === undefined ? undefined : Number(text.replace("inf", "Infinity"));

function expectClose(found: number | undefined, wanted: string | undefined, scale: number, where: string): void {
  const exact = number(wanted);
  if (exact === undefined || Number.isNaN(exact) || !Number.isFinite(exact)) return;
  expect(Math.abs((found as number) - exact), `${where}: ${found} and ${exact}`).toBeLessThanOrEqual(1e-12 * scale);
}

type Stats = Record<string, Record<string, string | undefined> & { quantiles?: string[] }>;

describe(`random checkpoints with seeds ${SEED} to ${SEED + COUNT - 1}`, () => {
  it("have the statistics that NumPy computes: counts, extremes and quantiles exactly", async () => {
    const contents = SEEDS.map((seed) => {
      const random = new Random(seed);
      return randomContent(random, random.chance(0.5) ? "V1" : "V2");
    });
    const prefixes = await write(contents, "stat");
    const wanted = await oracle.ask<Stats[]>("stat_tensors", { prefixes });
    let compared = 0;
    for (const [i, prefix] of prefixes.entries()) {
      for (const { name, dtype, ...found } of (await statCheckpoint(prefix)).tensors) {
        const theirs = wanted[i]?.[name];
        if (theirs === undefined) continue;
        compared++;
        const where = `seed ${SEED + i}: ${name.slice(0, 40)} ${dtype}`;
        const { elements, nan, positiveInfinity, negativeInfinity, zeros } = found;
        expect({ elements, nan, positiveInfinity, negativeInfinity, zeros }, where).toMatchObject(
          Object.fromEntries(Object.entries(theirs).filter(([, value]) => typeof value === "number")),
        );
        const isComplex = dtype.startsWith("complex");
        const exact = (value: number | bigint | undefined, text: string | undefined) =>
          isComplex
            ? expectClose(Number(value), text, Math.abs(Number(value)), where)
            : expect(Number(value ?? Number.NaN), where).toBeCloseTo(number(text) ?? Number.NaN, 300);
        if (theirs.min === undefined) continue;
        exact(found.min, theirs.min);
        exact(found.max, theirs.max);
        for (const [q, { value }] of found.quantiles.entries()) exact(value, theirs.quantiles?.[q]);
        expectClose(found.mean, theirs.mean, (found.l1 as number) / elements, where);
        expectClose(found.l1, theirs.l1, found.l1 as number, where);
        expectClose(found.l2, theirs.l2, found.l2 as number, where);
        expectClose(
          found.deviation,
          theirs.deviation,
          (found.deviation as number) + (found.l1 as number) / elements,
          where,
        );
      }
    }
    expect(compared).toBeGreaterThan(100);
  });

  it.each([
    [0, 0],
    [1e-3, 0.1],
  ])("differ as NumPy says, with the tolerances %d and %d", async (atol, rtol) => {
    const randoms = SEEDS.map((seed) => new Random(seed));
    const before = randoms.map((random) => randomContent(random, random.chance(0.5) ? "V1" : "V2"));
    const after = before.map((content, i) =>
      varied(content, randoms[i] as Random, () => (randoms[i] as Random).chance(0.5)),
    );
    const [a, b] = [await write(before, `a-${rtol}`), await write(after, `b-${rtol}`)];
    const pairs = a.map((prefix, i) => [prefix, b[i]]);
    const wanted = await oracle.ask<Record<string, { differing: number; largest?: string | null }>[]>("diff_tensors", {
      ...{ pairs, atol, rtol },
    });
    let compared = 0;
    for (const [i, prefix] of a.entries()) {
      const { changed, added, removed } = await diffCheckpoints(prefix, b[i] as string, { atol, rtol });
      expect([added, removed]).toEqual([[], []]);
      const found = new Map(changed.map(({ name, values }) => [name, values]));
      for (const [name, theirs] of Object.entries(wanted[i] ?? {})) {
        compared++;
        const dtype = before[i]?.tensors.get(name)?.tensor.dtype as DType;
        const where = `seed ${SEED + i}: ${name.slice(0, 40)} ${dtype}`;
        // NumPy computes with 64-bit integers in float64, which rounds them.
        if (/int64/.test(dtype) && rtol > 0) continue;
        expect(found.get(name)?.differing ?? 0, where).toBe(theirs.differing);
        const largest = number(theirs.largest);
        if (!found.has(name) || largest === undefined || dtype.startsWith("complex")) continue;
        expectClose(found.get(name)?.largest, theirs.largest ?? undefined, largest, where);
      }
    }
    expect(compared).toBeGreaterThan(100);
  });

  it("have the averages that NumPy computes in float64, bit for bit", async () => {
    const randoms = SEEDS.map((seed) => new Random(seed));
    const newest = randoms.map((random) => randomContent(random, random.chance(0.5) ? "V1" : "V2"));
    const older = [0, 1].map(() => newest.map((content, i) => varied(content, randoms[i] as Random, () => true)));
    const written = [];
    for (const [i, contents] of [...older, newest].entries()) written.push(await write(contents, `average-${i}`));
    for (const i of SEEDS.keys()) {
      const sources = written.map((prefixes) => prefixes[i] as string);
      const weights = i % 2 === 0 ? [1, 1, 1] : [0.25, 0.5, 1.75];
      const { prefix } = await averageCheckpoints(sources, join(root, `mean-${i}`), { weights, shards: 1 + (i % 3) });
      const names = [...(newest[i] as Content).tensors.keys()];
      expect(
        await oracle.ask("average_tensors", { sources, weights, destination: prefix, names }),
        `seed ${SEED + i}`,
      ).toEqual([]);
    }
  });
});

describe("an object-based checkpoint", () => {
  it("is averaged, and TensorFlow restores it", async () => {
    const folder = join(root, "objects");
    mkdirSync(folder);
    await oracle.ask("write_objects", { folder });
    const [index = ""] = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
      path.endsWith(".index"),
    );
    const first = join(folder, index.slice(0, -".index".length));
    await convertCheckpoint(first, join(root, "copy"));
    const destination = join(root, "averaged");
    await averageCheckpoints([first, join(root, "copy")], destination);
    expect((await diffCheckpoints(first, destination)).equal).toBe(true);
    const wanted = await oracle.ask<Stats[]>("stat_tensors", { prefixes: [first, destination] });
    expect(wanted[1]).toEqual(wanted[0]);
  });
});
