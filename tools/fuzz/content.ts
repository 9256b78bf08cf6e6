import {
  ALL_DTYPES,
  allocateTensor,
  copyOverlap,
  type DType,
  dtypeInfo,
  formatShapeAndSlice,
  fullSlice,
  isNumeric,
  makeTensor,
  numElements,
  sliceShape,
  type Tensor,
  type TensorSlice,
  tensorBytes,
} from "@tfsaver/core";
import { SlicesWriter } from "@tfsaver/saved-tensor-slices";
import { compareBytes } from "@tfsaver/sstable";
import type { Storage } from "@tfsaver/storage";
import { BundleWriter, mergeBundles } from "@tfsaver/tensor-bundle";
import type { Random } from "./random.js";

/** A tensor or a slice of one, as it is passed to a writer. */
export interface Part {
  readonly name: string;
  /** Shape of the whole tensor. */
  readonly shape: readonly number[];
  /** Undefined for a tensor that is written whole. */
  readonly slice: TensorSlice | undefined;
  /** Values of the slice. */
  readonly tensor: Tensor;
}

/** The content of a checkpoint. */
export interface Content {
  readonly version: "V1" | "V2";
  /** Content of each shard, in the order of writing. No shard is empty. */
  readonly shards: readonly (readonly Part[])[];
  readonly tensors: ReadonlyMap<string, { readonly tensor: Tensor; readonly parts: readonly Part[] }>;
}

/** Dtypes that can be saved. Variants are left out, since their content is not random. */
export const V2_DTYPES = ALL_DTYPES.filter((dtype) => dtype !== "resource" && dtype !== "variant");
/** Dtypes that TensorFlow saves as V1. */
export const V1_DTYPES: readonly DType[] = [
  "float32",
  "float64",
  "int32",
  "uint8",
  "int16",
  "int8",
  "string",
  "complex64",
  "int64",
  "bool",
  "qint8",
  "quint8",
  "qint32",
  "uint16",
  "complex128",
  "float16",
];

export function randomContent(random: Random, version: "V1" | "V2"): Content {
  const tensors = new Map<string, { tensor: Tensor; parts: Part[] }>();
  for (let i = random.below(12); i >= 0; i--) {
    const name = randomName(random);
    if (tensors.has(name)) continue;
    const tensor = randomTensor(random, random.pick(version === "V2" ? V2_DTYPES : V1_DTYPES));
    tensors.set(name, { tensor, parts: randomParts(random, name, tensor) });
  }
  return inShards(version, tensors, 1 + random.below(8), random);
}

/** Distributes slices over shards, in random order. */
export function inShards(version: "V1" | "V2", tensors: Content["tensors"], most: number, random: Random): Content {
  const parts = [...tensors.values()].flatMap((item) => item.parts);
  const shards = Array.from({ length: Math.min(most, parts.length) }, (): Part[] => []);
  // TensorFlow cannot read a checkpoint that it merged from an empty shard, so each shard gets a slice first.
  for (const [i, part] of parts.entries()) (shards[i] ?? random.pick(shards)).push(part);
  for (const shard of shards) shuffle(shard, random);
  return { version, shards, tensors };
}

const NAMES = [
  "w",
  "weights",
  "b/Adam_1",
  "net/emb",
  "größe",
  "层/权重",
  "\u{1f600}",
  "a b",
  "__proto__",
  "constructor",
  "\x01",
  "\uffff",
  "é\0ÿ",
];

function randomName(random: Random): string {
  const parts = Array.from({ length: 1 + random.below(3) }, () => random.pick(NAMES));
  const name = `${parts.join("/")}${random.chance(0.3) ? `_${random.below(100)}` : ""}`;
  return random.chance(0.1) ? name + random.pick(NAMES).repeat(1 + random.below(1500)) : name;
}

function randomShape(random: Random): number[] {
  return Array.from({ length: random.below(5) }, () => (random.chance(0.1) ? 0 : 1 + random.below(6)));
}

/** Returns a tensor of random bits, as far as its dtype allows. */
export function randomTensor(random: Random, dtype: DType, shape = randomShape(random)): Tensor {
  if (!isNumeric(dtype)) {
    const strings = Array.from({ length: numElements(shape) }, () =>
      random.bytes(random.below(random.chance(0.9) ? 8 : 300)),
    );
    return makeTensor(dtype, shape, strings);
  }
  const tensor = allocateTensor(dtype, shape);
  const bytes = tensorBytes(tensor);
  const { bits } = dtypeInfo(dtype);
  const mask = dtype === "bool" ? 1 : bits < 8 ? (1 << bits) - 1 : 0xff;
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(256) & mask;
  return tensor;
}

/** Returns the tensor whole, or cut along some axes. */
export function randomParts(random: Random, name: string, tensor: Tensor): Part[] {
  const { shape } = tensor;
  const cuts = shape.map((dim) => (random.chance(0.5) && dim > 1 ? 1 + random.below(Math.min(dim - 1, 3)) : 0));
  if (random.chance(0.5) || cuts.every((cut) => cut === 0)) return [{ name, shape, slice: undefined, tensor }];
  let slices: TensorSlice[] = [[]];
  for (const [d, dim] of shape.entries()) {
    const extents = extentsOf(random, dim, cuts[d] as number);
    slices = slices.flatMap((slice) => extents.map((extent) => [...slice, extent]));
  }
  return slices.map((slice) => ({ name, shape, slice, tensor: partOf(tensor, slice) }));
}

function extentsOf(random: Random, dim: number, cuts: number): TensorSlice {
  // A full extent can be written in two ways, except if its length is 0.
  if (cuts === 0) return [dim > 0 && random.chance(0.5) ? { start: 0, length: dim } : "full"];
  const ends = new Set([dim]);
  while (ends.size <= cuts) ends.add(1 + random.below(dim - 1));
  const ordered = [...ends].sort((a, b) => a - b);
  return ordered.map((end, i) => ({ start: ordered[i - 1] ?? 0, length: end - (ordered[i - 1] ?? 0) }));
}

/** Returns a copy of a slice of a tensor. */
export function partOf(tensor: Tensor, slice: TensorSlice): Tensor {
  const { dtype, shape } = tensor;
  const part = sliceShape(shape, slice);
  const target = isNumeric(dtype)
    ? allocateTensor(dtype, part)
    : makeTensor(dtype, part, new Array<Uint8Array>(numElements(part)).fill(new Uint8Array()));
  copyOverlap(shape, { slice: fullSlice(shape.length), tensor }, { slice, tensor: target });
  return target;
}

/** Returns a random slice that is not empty. */
export function randomSlice(random: Random, shape: readonly number[]): TensorSlice {
  return shape.map((dim) => {
    if (dim === 0 || random.chance(0.25)) return "full";
    const start = random.below(dim);
    return { start, length: 1 + random.below(dim - start) };
  });
}

/** Returns TensorFlow's text for a slice; "" for the whole tensor. */
export function specOf(shape: readonly number[], slice: TensorSlice | undefined): string {
  return slice === undefined ? "" : formatShapeAndSlice({ shape, slice });
}

function shuffle<T>(items: T[], random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
}

/** Returns the prefix or pattern under which a reader finds what {@link writeContent} wrote. */
export function patternOf(prefix: string, { version, shards }: Content): string {
  return version === "V1" && shards.length > 1 ? `${prefix}-?????-of-${fiveDigits(shards.length)}` : prefix;
}

/** Writes a checkpoint as TensorFlow's operations do. */
export async function writeContent(storage: Storage, prefix: string, { version, shards }: Content): Promise<void> {
  const of = `-of-${fiveDigits(shards.length)}`;
  if (version === "V1") {
    for (const [k, shard] of shards.entries()) {
      await writeV1(storage, shards.length === 1 ? prefix : `${prefix}-${fiveDigits(k)}${of}`, shard);
    }
    return;
  }
  const parts = shards.map((_, k) => (shards.length === 1 ? prefix : `${prefix}_temp/part-${fiveDigits(k)}${of}`));
  for (const [k, shard] of shards.entries()) {
    const writer = new BundleWriter(parts[k] as string, { storage });
    for (const { name, shape, slice, tensor } of shard) {
      if (slice === undefined) await writer.add(name, tensor);
      else await writer.addSlice(name, { shape, slice }, tensor);
    }
    await writer.finish();
  }
  if (parts.length > 1) await mergeBundles(parts, prefix, { storage });
}

async function writeV1(storage: Storage, path: string, shard: readonly Part[]): Promise<void> {
  const writer = new SlicesWriter(path, { storage });
  const key = ({ name }: Part) => new TextEncoder().encode(name);
  for (const { name, shape, slice, tensor } of [...shard].sort((a, b) => compareBytes(key(a), key(b)))) {
    if (slice === undefined) writer.add(name, tensor);
    else writer.addSlice(name, { shape, slice }, tensor);
  }
  await writer.finish();
}

function fiveDigits(value: number): string {
  return String(value).padStart(5, "0");
}
