import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CheckpointReader, openCheckpoint } from "@tfsaver/checkpoint-reader";
import { type DType, dtypeInfo, type Tensor, type TensorSlice, tensorBytes, tensorStrings } from "@tfsaver/core";
import { NodeStorage } from "@tfsaver/storage/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Content,
  type Part,
  partOf,
  patternOf,
  randomContent,
  randomSlice,
  specOf,
  writeContent,
} from "../../tools/fuzz/content.js";
import { Random } from "../../tools/fuzz/random.js";
import { Oracle } from "./oracle.js";

/** Seed of the first checkpoint. `TFSAVER_RANDOM_SEED` sets another one. */
const SEED = Number(process.env.TFSAVER_RANDOM_SEED ?? Date.now() % 1_000_000);
const PER_BATCH = 40;
const BATCHES = Array.from({ length: 8 }, (_, i) => ({
  first: SEED + i * PER_BATCH,
  last: SEED + (i + 1) * PER_BATCH - 1,
}));

/** Dtypes of which TensorFlow saves and restores single slices, but cannot join several slices. */
const NOT_STITCHED_BY_TENSORFLOW: ReadonlySet<DType> = new Set([
  "float16",
  "uint16",
  "uint32",
  "uint64",
  "string",
  "qint16",
  "quint16",
  "int2",
  "uint2",
  "float8_e5m2",
  "float8_e4m3fn",
  "float8_e4m3fnuz",
  "float8_e4m3b11fnuz",
  "float8_e5m2fnuz",
  "float4_e2m1fn",
] as const);

/** Maximum number of V1 slices for which TensorFlow's sorting by name keeps the order of equal names. */
const MOST_SORTED_STABLY = 16;

interface Case {
  readonly seed: number;
  readonly random: Random;
  readonly content: Content;
  readonly folder: string;
}

let oracle: Oracle;
let root: string;
beforeAll(() => {
  oracle = new Oracle();
  root = mkdtempSync(join(tmpdir(), "tfsaver-random-"));
});
afterAll(() => {
  oracle.close();
  rmSync(root, { recursive: true });
});

describe(`random checkpoints with seeds ${SEED} to ${BATCHES.at(-1)?.last}`, () => {
  describe.each(BATCHES)("$first to $last", ({ first }) => {
    let cases: Case[];
    beforeAll(async () => {
      cases = Array.from({ length: PER_BATCH }, (_, i) => {
        const random = new Random(first + i);
        return { seed: first + i, random, content: contentOf(random), folder: join(root, String(first + i)) };
      });
      const checkpoints = cases.map(({ content: { version, shards }, folder }) => ({
        version,
        prefix: join(folder, "theirs/model"),
        shards: shards.map((shard) => shard.map(recordOf)),
      }));
      for (const { folder } of cases) {
        for (const side of ["theirs", "ours"]) mkdirSync(join(folder, side), { recursive: true });
      }
      await oracle.ask("write_checkpoints", { checkpoints });
      for (const { content, folder } of cases)
        await writeContent(new NodeStorage(), join(folder, "ours/model"), content);
    });

    it("tfsaver reads TensorFlow's checkpoints, whole tensors and slices, with every byte equal", async () => {
      for (const { seed, random, content, folder } of cases) {
        await expectContent(join(folder, "theirs/model"), content, random, seed);
      }
    });

    it("tfsaver writes the same bytes as TensorFlow, and reads them back", async () => {
      for (const { seed, random, content, folder } of cases) {
        const [theirs, ours] = [filesIn(join(folder, "theirs")), filesIn(join(folder, "ours"))];
        expect([...ours.keys()], `seed ${seed}`).toEqual([...theirs.keys()]);
        if (isDeterministic(content)) {
          for (const [path, bytes] of ours)
            expect(bytes.equals(theirs.get(path) as Buffer), `seed ${seed}: ${path}`).toBe(true);
        }
        await expectContent(join(folder, "ours/model"), content, random, seed);
      }
    });

    it("TensorFlow reads tfsaver's checkpoints, with every byte equal", async () => {
      const asked = cases.map((item) => ({ ...item, wanted: wantedOfTensorFlow(item) }));
      const requests = asked.map(({ content, folder, wanted }) => ({
        prefix: patternOf(join(folder, "ours/model"), content),
        names: wanted.map(({ name }) => name),
        specs: wanted.map(({ spec }) => spec),
        dtypes: wanted.map(({ tensor }) => tensor.dtype),
      }));
      const answers = await oracle.ask<unknown[][]>("read_parts", { requests });
      for (const [i, { seed, wanted }] of asked.entries()) {
        const found = (answers[i] as (string | string[])[]).map((value, k) =>
          cleared(value, wanted[k]?.tensor as Tensor),
        );
        expect(found, `seed ${seed}`).toEqual(wanted.map(({ tensor }) => plain(tensor)));
      }
    });
  });

  it("cover V1 and V2, few and many shards, whole tensors and slices", () => {
    const contents = BATCHES.flatMap(({ first }) =>
      Array.from({ length: PER_BATCH }, (_, i) => contentOf(new Random(first + i))),
    );
    expect(contents.length).toBeGreaterThanOrEqual(300);
    for (const version of ["V1", "V2"]) {
      const some = contents.filter((content) => content.version === version);
      expect(some.length).toBeGreaterThan(80);
      expect(new Set(some.map(({ shards }) => shards.length)).size).toBeGreaterThan(5);
      expect(some.filter(isDeterministic).length).toBeGreaterThan(some.length / 2);
      const tensors = some.flatMap((content) => [...content.tensors.values()]);
      expect(tensors.filter(({ parts }) => parts.length > 1).length).toBeGreaterThan(tensors.length / 10);
      expect(new Set(tensors.map(({ tensor }) => tensor.shape.length)).size).toBe(5);
      expect(tensors.some(({ tensor }) => tensor.shape.includes(0))).toBe(true);
    }
  });
});

function contentOf(random: Random): Content {
  return randomContent(random, random.chance(0.6) ? "V2" : "V1");
}

/** False if TensorFlow's order of the entries is not stable. */
function isDeterministic({ version, shards }: Content): boolean {
  return (
    version === "V2" ||
    shards.every(
      (shard) => shard.length <= MOST_SORTED_STABLY || new Set(shard.map(({ name }) => name)).size === shard.length,
    )
  );
}

async function expectContent(prefix: string, content: Content, random: Random, seed: number): Promise<void> {
  const reader = await openCheckpoint(patternOf(prefix, content));
  try {
    expect(reader.format).toBe(content.version);
    const listed: string[] = [];
    for await (const { name } of reader.tensors()) listed.push(name);
    expect(listed.sort(), `seed ${seed}`).toEqual([...content.tensors.keys()].sort());
    for (const [name, { tensor, parts }] of content.tensors) {
      await expectPart(reader, name, tensor, undefined, seed);
      await expectPart(reader, name, tensor, randomSlice(random, tensor.shape), seed);
      for (const { slice } of parts) await expectPart(reader, name, tensor, slice, seed);
    }
  } finally {
    await reader.close();
  }
}

async function expectPart(
  reader: CheckpointReader,
  name: string,
  whole: Tensor,
  slice: TensorSlice | undefined,
  seed: number,
): Promise<void> {
  const wanted = slice === undefined ? whole : partOf(whole, slice);
  const found = await reader.get(name, slice);
  const where = `seed ${seed}: ${name.slice(0, 80)} ${specOf(whole.shape, slice)}`;
  expect({ dtype: found.dtype, shape: found.shape }, where).toEqual({ dtype: wanted.dtype, shape: wanted.shape });
  expect(plain(found), where).toEqual(plain(wanted));
}

/** Returns the tensors and slices to request from TensorFlow: only stored slices if it cannot join them. */
function wantedOfTensorFlow({ content, random }: Case) {
  return [...content.tensors].flatMap(([name, { tensor, parts }]) => {
    const wanted = (slice: TensorSlice | undefined) => ({
      name,
      spec: specOf(tensor.shape, slice),
      tensor: slice === undefined ? tensor : partOf(tensor, slice),
    });
    const stored = parts.map(({ slice }) => wanted(slice));
    const isStitched = content.version === "V1" || !NOT_STITCHED_BY_TENSORFLOW.has(tensor.dtype);
    // TensorFlow's `shape_and_slice` cannot describe an empty slice.
    const isSliced = tensor.shape.length > 0 && !tensor.shape.includes(0);
    if (!isStitched) return stored;
    return [wanted(undefined), ...stored, ...(isSliced ? [wanted(randomSlice(random, tensor.shape))] : [])];
  });
}

function recordOf({ name, shape, slice, tensor }: Part) {
  const value = plain(tensor);
  return {
    name,
    dtype: tensor.dtype,
    shape: tensor.shape,
    spec: specOf(shape, slice),
    ...(typeof value === "string" ? { bytes: value } : { strings: value }),
  };
}

/** Encodes a tensor's bytes, or each of its strings, in base64. */
function plain(tensor: Tensor): string | string[] {
  if (tensor.dtype === "string") return tensorStrings(tensor).map((item) => Buffer.from(item).toString("base64"));
  return Buffer.from(tensorBytes(tensor)).toString("base64");
}

/** Clears the unused bits of integers of less than a byte, into which NumPy extends the sign. */
function cleared(value: string | string[], { dtype }: Tensor): string | string[] {
  const { bits } = dtypeInfo(dtype);
  if (bits >= 8 || bits === 0 || typeof value !== "string") return value;
  return Buffer.from(Buffer.from(value, "base64").map((byte) => byte & ((1 << bits) - 1))).toString("base64");
}

function filesIn(folder: string): Map<string, Buffer> {
  const names = readdirSync(folder).sort();
  return new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
}
