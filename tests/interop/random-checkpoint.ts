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
import type { Random } from "../../tools/fuzz/random.js";

/** A tensor, or a part of one, as it is handed to a writer. */
export interface Part {
  readonly name: string;
  /** Of the full tensor. */
  readonly shape: readonly number[];
  /** `undefined`: the whole tensor, written as such. */
  readonly slice: TensorSlice | undefined;
  /** The part's values. */
  readonly tensor: Tensor;
}

/** What a checkpoint is to hold. */
export interface Content {
  readonly version: "V1" | "V2";
  /** What each shard holds, in the order in which it is written; none is empty. */
  readonly shards: readonly (readonly Part[])[];
  readonly tensors: ReadonlyMap<string, { readonly tensor: Tensor; readonly parts: readonly Part[] }>;
}

const V2_DTYPES = ALL_DTYPES.filter((dtype) => dtype !== "resource" && dtype !== "variant");
/** The other types of V2 TensorFlow refuses to save as V1. */
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

export function randomContent(random: Random): Content {
  const version = random.chance(0.6) ? "V2" : "V1";
  const tensors = new Map<string, { tensor: Tensor; parts: Part[] }>();
  for (let i = random.below(12); i >= 0; i--) {
    const name = randomName(random);
    if (tensors.has(name)) continue;
    const tensor = randomTensor(random, random.pick(version === "V2" ? V2_DTYPES : V1_DTYPES));
    tensors.set(name, { tensor, parts: randomParts(random, name, tensor) });
  }
  const parts = [...tensors.values()].flatMap((item) => item.parts);
  const shards = Array.from({ length: Math.min(1 + random.below(8), parts.length) }, (): Part[] => []);
  // TensorFlow cannot read what it merges with an empty shard, so each gets one to begin with.
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

function randomTensor(random: Random, dtype: DType): Tensor {
  const shape = Array.from({ length: random.below(5) }, () => (random.chance(0.1) ? 0 : 1 + random.below(6)));
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

/** The tensor in one piece, or cut along some axes. */
function randomParts(random: Random, name: string, tensor: Tensor): Part[] {
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
  // Where nothing is cut, all of it has two spellings; a length of 0 has only the one.
  if (cuts === 0) return [dim > 0 && random.chance(0.5) ? { start: 0, length: dim } : "full"];
  const ends = new Set([dim]);
  while (ends.size <= cuts) ends.add(1 + random.below(dim - 1));
  const ordered = [...ends].sort((a, b) => a - b);
  return ordered.map((end, i) => ({ start: ordered[i - 1] ?? 0, length: end - (ordered[i - 1] ?? 0) }));
}

/** A part of a tensor, in memory of its own. */
export function partOf(tensor: Tensor, slice: TensorSlice): Tensor {
  const { dtype, shape } = tensor;
  const part = sliceShape(shape, slice);
  const target = isNumeric(dtype)
    ? allocateTensor(dtype, part)
    : makeTensor(dtype, part, new Array<Uint8Array>(numElements(part)).fill(new Uint8Array()));
  copyOverlap(shape, { slice: fullSlice(shape.length), tensor }, { slice, tensor: target });
  return target;
}

/** Any part of a tensor that is not empty in itself. */
export function randomSlice(random: Random, shape: readonly number[]): TensorSlice {
  return shape.map((dim) => {
    if (dim === 0 || random.chance(0.25)) return "full";
    const start = random.below(dim);
    return { start, length: 1 + random.below(dim - start) };
  });
}

/** The text that asks TensorFlow for a part; "" is the whole. */
export function specOf(shape: readonly number[], slice: TensorSlice | undefined): string {
  return slice === undefined ? "" : formatShapeAndSlice({ shape, slice });
}

function shuffle<T>(items: T[], random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
}
