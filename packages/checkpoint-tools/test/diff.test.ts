import { convertCheckpoint, diffCheckpoints } from "@tfsaver/checkpoint-tools";
import { type Tensor, tensorBytes, tensorStrings, toTensor } from "@tfsaver/core";
import { MemoryStorage, readFile, writeFileAtomically } from "@tfsaver/storage";
import { beforeEach, describe, expect, it } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import {
  type Content,
  inShards,
  randomContent,
  randomParts,
  randomTensor,
  writeContent,
} from "../../../tools/fuzz/content.js";
import { Random } from "../../../tools/fuzz/random.js";
import { elementReader } from "../src/values/element-reader.js";
import { save } from "./storages.js";

let storage: MemoryStorage;
beforeEach(() => {
  storage = new MemoryStorage();
});

async function valuesOf(a: Tensor, b: Tensor, options = {}) {
  await save(storage, "a", { x: a });
  await save(storage, "b", { x: b });
  const { changed, equal } = await diffCheckpoints("a", "b", { storage, ...options });
  expect(equal).toBe(changed.length === 0);
  return changed[0]?.values;
}

describe("values", () => {
  it("differ by largest and mean difference, cosine and share", async () => {
    expect(await valuesOf(toTensor([1, 2, 3, 4]), toTensor([1, 2, 3, 8]))).toEqual({
      ...{ elements: 4, differing: 1, equalShare: 0.75, largest: 4, mean: 1 },
      cosine: expect.closeTo(46 / Math.sqrt(30 * 78), 12),
    });
  });

  it("are equal within a tolerance, as numpy.isclose decides", async () => {
    const [a, b] = [toTensor([1, 100]), toTensor([1.01, 101])];
    expect(await valuesOf(a, b, { rtol: 0.011 })).toBeUndefined();
    expect(await valuesOf(a, b, { atol: 0.011 })).toMatchObject({ differing: 1, largest: 1 });
    expect(await valuesOf(a, b, { atol: 2 })).toBeUndefined();
  });

  it("count NaN as equal to NaN, 0 to -0, and infinities to themselves", async () => {
    const odd = [Number.NaN, 0, Number.POSITIVE_INFINITY];
    expect(await valuesOf(toTensor(odd), toTensor([Number.NaN, -0, Number.POSITIVE_INFINITY]))).toBeUndefined();
    expect(await valuesOf(toTensor(odd), toTensor([1, 0, 2]), { atol: 1e9 })).toMatchObject({
      ...{ differing: 2, largest: Number.POSITIVE_INFINITY },
    });
    expect(await valuesOf(toTensor([Number.NaN]), toTensor([1]))).toMatchObject({ differing: 1, largest: undefined });
  });

  it("of 64-bit integers are compared exactly", async () => {
    const [a, b] = [toTensor([2n ** 60n], "int64"), toTensor([2n ** 60n + 1n], "int64")];
    expect(await valuesOf(a, b)).toMatchObject({ differing: 1, largest: 1 });
  });

  it("of complex numbers and strings are compared by element", async () => {
    const complex = (...parts: number[]): Tensor => ({
      dtype: "complex64",
      shape: [2],
      data: Float32Array.from(parts),
    });
    expect(await valuesOf(complex(0, 0, 1, 2), complex(3, 4, 1, 2))).toMatchObject({ differing: 1, largest: 5 });
    expect(await valuesOf(toTensor(["a", "b"]), toTensor(["a", "c"]))).toMatchObject({
      ...{ elements: 2, differing: 1, largest: undefined, cosine: undefined },
    });
  });

  it("are compared across dtypes", async () => {
    await save(storage, "a", { x: toTensor([1, 2.5], "float64") });
    await save(storage, "b", { x: toTensor([1, 2.5], "bfloat16") });
    const { changed } = await diffCheckpoints("a", "b", { storage });
    expect(changed).toEqual([{ name: "x", dtypes: ["float64", "bfloat16"], shapes: undefined, values: undefined }]);
  });
});

describe("tensors", () => {
  it("are added, removed, renamed, and changed in shape", async () => {
    await save(storage, "a", { "old/w": [1, 2], "old/b": [1, 2], gone: [3], kept: [4], shaped: [1, 2] });
    await save(storage, "b", { "new/b": [1, 2], "new/w": [1, 2], come: [5], kept: [4], shaped: [1, 2, 3] });
    const found = await diffCheckpoints("a", "b", { storage });
    expect(found).toEqual({
      equal: false,
      removed: [{ name: "gone", dtype: "float32", shape: [1] }],
      added: [{ name: "come", dtype: "float32", shape: [1] }],
      renamed: [
        { from: "old/b", to: "new/b" },
        { from: "old/w", to: "new/w" },
      ],
      changed: [{ name: "shaped", dtypes: undefined, shapes: [[2], [3]], values: undefined }],
      unchanged: 1,
    });
  });

  it("can be selected in either checkpoint", async () => {
    await save(storage, "a", { "x/a": [1], "x/gone": [1], y: [1] });
    await save(storage, "b", { "x/a": [1], y: [2] });
    const only = (...names: string[]) => diffCheckpoints("a", "b", { storage, names });
    expect(await only("x/a")).toMatchObject({ equal: true, unchanged: 1 });
    expect((await only("x/*")).removed).toMatchObject([{ name: "x/gone" }]);
    expect(await rejection(only("z*"))).toMatchObject({ kind: "NotFoundError" });
    expect(await rejection(diffCheckpoints("a", "b", { storage, atol: -1 }))).toMatchObject({ kind: "ValueError" });
  });
});

describe("random checkpoints", () => {
  it.each(Array.from({ length: 40 }, (_, i) => i))("differ as a comparison one by one says (seed %d)", async (seed) => {
    const random = new Random(seed);
    const a = randomContent(random, random.pick(["V1", "V2"]));
    const b = changedContent(a, random);
    await writeContent(storage, "a", { ...a, shards: [a.shards.flat()] });
    await writeContent(storage, "b", { ...b, shards: [b.shards.flat()] });
    const found = await diffCheckpoints("a", "b", { storage });
    const differing = new Map<string, number>();
    for (const [name, { tensor }] of a.tensors) {
      const other = b.tensors.get(name)?.tensor;
      if (other === undefined) continue;
      const isSameKind = other.dtype === tensor.dtype && String(other.shape) === String(tensor.shape);
      const count = isSameKind ? countDiffering(tensor, other) : Number.NaN;
      if (count !== 0) differing.set(name, count);
    }
    expect(new Map(found.changed.map(({ name, values }) => [name, values?.differing ?? Number.NaN]))).toEqual(
      differing,
    );
    const namesOf = (content: Content) => new Set(content.tensors.keys());
    const removed = [...namesOf(a)].filter((name) => !namesOf(b).has(name));
    const renamed = found.renamed.map(({ from }) => from);
    expect([...found.removed.map(({ name }) => name), ...renamed].sort()).toEqual(removed.sort());
    for (const { from, to } of found.renamed) {
      expect(sameBytes(a.tensors.get(from)?.tensor as Tensor, b.tensors.get(to)?.tensor as Tensor)).toBe(true);
    }
    expect(found.unchanged).toBe([...namesOf(a)].filter((name) => namesOf(b).has(name)).length - differing.size);
    const copy = await convertCheckpoint("a", "copy", { storage, format: a.version === "V1" ? "V2" : "V1" }).catch(
      () => undefined,
    );
    if (copy !== undefined) expect((await diffCheckpoints("a", "copy", { storage })).equal).toBe(true);
  });
});

/** Changes, removes, renames and adds some tensors, and cuts all of them in other slices. */
function changedContent({ version, tensors }: Content, random: Random): Content {
  const changed = new Map<string, { tensor: Tensor; parts: ReturnType<typeof randomParts> }>();
  for (const [name, { tensor }] of tensors) {
    if (random.chance(0.15)) continue;
    const other = random.chance(0.3) ? randomTensor(random, tensor.dtype, [...tensor.shape]) : tensor;
    const newName = random.chance(0.2) ? `renamed/${name}` : name;
    if (!changed.has(newName)) changed.set(newName, { tensor: other, parts: randomParts(random, newName, other) });
  }
  const added = randomTensor(random, "float32", [3]);
  changed.set("added", { tensor: added, parts: randomParts(random, "added", added) });
  return inShards(version, changed, 1, random);
}

function countDiffering(a: Tensor, b: Tensor): number {
  const [readA, readB] = [elementReader(a), elementReader(b)];
  const count = a.shape.reduce((x, y) => x * y, 1);
  let differing = 0;
  for (let i = 0; i < count; i++) if (!isSame(readA(i), readB(i))) differing++;
  return differing;
}

function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    const hasNan = [a, b].map((parts) => parts.some(Number.isNaN));
    return hasNan[0] || hasNan[1] ? hasNan[0] === hasNan[1] : a.every((part, i) => part === b[i]);
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) return String(a) === String(b);
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

function sameBytes(a: Tensor, b: Tensor): boolean {
  if (a.dtype === "string") return String(tensorStrings(a)) === String(tensorStrings(b));
  return String(tensorBytes(a)) === String(tensorBytes(b));
}

describe("very many tensors of the same content", () => {
  it("are paired in no time", async () => {
    const names = Array.from({ length: 20_000 }, (_, i) => String(i).padStart(5, "0"));
    await save(storage, "a", Object.fromEntries(names.map((name) => [`a/${name}`, [0]])));
    await save(storage, "b", Object.fromEntries(names.map((name) => [`b/x${name}`, [0]])));
    const { renamed, added, removed } = await diffCheckpoints("a", "b", { storage });
    expect([renamed.length, added.length, removed.length]).toEqual([20_000, 0, 0]);
    expect(renamed[7]).toEqual({ from: "a/00007", to: "b/x00007" });
  });
});

describe("a damaged tensor", () => {
  const damage = async () => {
    await save(storage, "a", { x: toTensor([1]), y: toTensor([2]), gone: toTensor([3]) });
    await save(storage, "b", { x: toTensor([1]), y: toTensor([4]), new: toTensor([3]) });
    const path = "b.data-00000-of-00001";
    const bytes = (await readFile(storage, path)).slice();
    // The tensors lie in the order in which they were added: x, y, new.
    for (const place of [0, 8]) bytes[place] = (bytes[place] as number) ^ 1;
    await writeFileAtomically(storage, path, bytes, "temporary");
  };

  it("ends the comparison", async () => {
    await damage();
    expect(await rejection(diffCheckpoints("a", "b", { storage }))).toMatchObject({ kind: "DataLossError" });
  });

  it("is told apart, and the others are compared, if that is asked for", async () => {
    await damage();
    const damaged: string[] = [];
    const result = await diffCheckpoints("a", "b", { storage, onDamaged: (name) => damaged.push(name) });
    expect(damaged).toEqual(["x", "new"]);
    expect(result).toMatchObject({ equal: false, unchanged: 0, renamed: [], changed: [{ name: "y" }] });
    expect(result.added.map(({ name }) => name)).toEqual(["new"]);
  });
});
