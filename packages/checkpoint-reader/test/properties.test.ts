import { openCheckpoint, type TensorRequest } from "@tfsaver/checkpoint-reader";
import { isNumeric, type Tensor, tensorBytes } from "@tfsaver/core";
import { MemoryStorage } from "@tfsaver/storage";
import { CountingStorage } from "@tfsaver/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Content,
  inShards,
  type Part,
  partOf,
  patternOf,
  randomParts,
  randomSlice,
  randomTensor,
  V1_DTYPES,
  V2_DTYPES,
  writeContent,
} from "../../../tools/fuzz/content.js";
import { Random } from "../../../tools/fuzz/random.js";

const names = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 20 }) },
  { weight: 3, arbitrary: fc.constantFrom("__proto__", "constructor", "toString", "w", "größe/\u{1f600}") },
  { weight: 1, arbitrary: fc.string({ minLength: 1000, maxLength: 6000 }) },
);

const dims = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 1, max: 6 }) },
  { weight: 1, arbitrary: fc.constant(0) },
);

/** Random checkpoints of whole and sliced tensors in up to five shards. */
function contents(version: "V1" | "V2"): fc.Arbitrary<Content> {
  const tensor = fc.record({
    // A name that starts with a zero byte is refused, because it would look like the key of a slice.
    name: names.filter((name) => !name.startsWith("\0")),
    dtype: fc.constantFrom(...(version === "V1" ? V1_DTYPES : V2_DTYPES)),
    shape: fc.array(dims, { maxLength: 4 }),
    seed: fc.nat(),
  });
  return fc
    .record({
      tensors: fc.uniqueArray(tensor, { minLength: 1, maxLength: 10, selector: ({ name }) => name }),
      shards: fc.integer({ min: 1, max: 5 }),
      seed: fc.nat(),
    })
    .map(({ tensors, shards, seed }) => {
      const made = new Map<string, { readonly tensor: Tensor; readonly parts: readonly Part[] }>();
      for (const { name, dtype, shape, seed: values } of tensors) {
        const random = new Random(values);
        const tensor = randomTensor(random, dtype, shape);
        made.set(name, { tensor, parts: randomParts(random, name, tensor) });
      }
      return inShards(version, made, shards, new Random(seed));
    });
}

describe.each(["V1", "V2"] as const)("any written checkpoint of format %s", (version) => {
  it("reads back equal: whole tensors, slices, into given memory, and many at once with the planned reads", async () => {
    await fc.assert(
      fc.asyncProperty(contents(version), fc.nat(), async (content, seed) => {
        const storage = new CountingStorage(new MemoryStorage());
        await writeContent(storage, "model", content);
        const reader = await openCheckpoint(patternOf("model", content), { storage });
        const listed: string[] = [];
        for await (const { name, dtype, shape } of reader.tensors()) {
          listed.push(name);
          expect({ dtype, shape }).toEqual(pick(content.tensors.get(name)?.tensor as Tensor));
        }
        expect(listed).toEqual(inByteOrder([...content.tensors.keys()]));
        const random = new Random(seed);
        const requests: TensorRequest[] = [...content.tensors].flatMap(([name, { tensor }]) => [
          { name },
          { name, slice: randomSlice(random, tensor.shape) },
        ]);
        const wanted = new Map(requests.map((request) => [request, wantedOf(content, request)]));
        for (const request of requests) {
          const value = wanted.get(request) as Tensor;
          expect(await reader.get(request.name, request.slice)).toEqual(value);
          if (!isNumeric(value.dtype)) continue;
          const target = new Uint8Array(tensorBytes(value).length);
          await reader.getInto(request.name, target, request.slice);
          expect(target).toEqual(tensorBytes(value));
        }
        await reader.close();
        await expectPlanned(content, storage, wanted);
        expect(storage.filesLeftOpen).toBe(0);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

function pick({ dtype, shape }: Tensor) {
  return { dtype, shape };
}

function wantedOf(content: Content, { name, slice }: TensorRequest): Tensor {
  const { tensor } = content.tensors.get(name) as { tensor: Tensor };
  return slice === undefined ? tensor : partOf(tensor, slice);
}

function inByteOrder(names: readonly string[]): string[] {
  // UTF-8 bytes sort like code points.
  const points = (name: string) => Array.from(name, (point) => point.codePointAt(0) as number);
  return [...names].sort((a, b) => {
    const [x, y] = [points(a), points(b)];
    const at = x.findIndex((point, i) => point !== y[i]);
    return at < 0 ? x.length - y.length : (x[at] as number) - (y[at] ?? -1);
  });
}

/** Reads everything at once, and compares the reads of the files with the plan. */
async function expectPlanned(
  content: Content,
  storage: CountingStorage,
  wanted: ReadonlyMap<TensorRequest, Tensor>,
): Promise<void> {
  const reader = await openCheckpoint(patternOf("model", content), { storage });
  const requests = [...wanted.keys()];
  const planned = (await reader.plan(requests)).map(({ path, offset, length }) => `${path} ${offset} ${length}`);
  storage.reset();
  const given = new Set<TensorRequest>();
  for await (const { request, tensor } of reader.getEach(requests)) {
    given.add(request);
    expect(tensor).toEqual(wanted.get(request));
  }
  expect(given.size).toBe(requests.length);
  const paths = new Set(storage.operations.filter(({ kind }) => kind === "read").map(({ path }) => path));
  const read = [...paths].flatMap((path) =>
    storage.rangesRead(path).map(({ offset, length }) => `${path} ${offset} ${length}`),
  );
  if (content.version === "V2") expect(read.sort()).toEqual(planned.sort());
  // The first block of each V1 file was read before, because it has the list of tensors.
  else for (const range of read) expect(planned).toContain(range);
  expect(new Set(content.version === "V1" ? read : []).size).toBe(content.version === "V1" ? read.length : 0);
  expect(await reader.getAll(requests)).toEqual([...wanted.values()]);
  await reader.close();
}
