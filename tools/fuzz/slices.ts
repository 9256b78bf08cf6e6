import type { Extent, TensorSlice } from "@tfsaver/core";
import { sliceKey } from "@tfsaver/core/coding";
import { compareBytes } from "@tfsaver/sstable";
import { encodeMessage, type Field, parseMessage } from "./messages.js";
import type { Random } from "./random.js";
import type { Entry } from "./tables.js";

/** The list of a tensor's slices: in V2 it is in the tensor's entry, in V1 in the entry for all tensors. */
interface Listing {
  readonly name: Uint8Array;
  readonly fields: readonly Field[];
  /** Field number of a slice. */
  readonly number: number;
  /** Returns the entries with other fields in place of the list. */
  replace(fields: readonly Field[]): Entry[];
}

/**
 * Moves a stored slice to another place in its tensor, in the list of slices and in its key, so that readers find it there.
 * Returns undefined if no tensor is stored in slices.
 */
export function moveSlice(entries: readonly Entry[], format: "V1" | "V2", random: Random): Entry[] | undefined {
  const listings = (format === "V1" ? v1Listings(entries) : v2Listings(entries)).filter(({ fields, number }) =>
    fields.some((field) => field.number === number),
  );
  if (listings.length === 0) return undefined;
  const { name, fields, number, replace } = random.pick(listings);
  const known = random.pick(fields.filter((field) => field.number === number));
  const slice = sliceOf(known.value as Uint8Array);
  const moved = slice.map((extent) => (random.chance(0.6) ? movedExtent(extent, random) : extent));
  const value = encodeMessage(moved.map((extent) => ({ number: 1, wire: 2, value: encodeExtent(extent) })));
  const [from, to] = [sliceKey(name, slice), sliceKey(name, moved)];
  const changed = replace(fields.map((field) => (field === known ? { ...field, value } : field)));
  return changed
    .map((entry) => (compareBytes(entry.key, from) === 0 ? { ...entry, key: to } : entry))
    .sort((a, b) => compareBytes(a.key, b.key));
}

function v2Listings(entries: readonly Entry[]): Listing[] {
  return entries.slice(1).flatMap((entry) => {
    const fields = parseMessage(entry.value);
    if (fields === undefined || entry.key[0] === 0) return [];
    const replace = (changed: readonly Field[]) =>
      entries.map((other) => (other === entry ? { ...entry, value: encodeMessage(changed) } : other));
    return [{ name: entry.key, fields, number: 7, replace }];
  });
}

function v1Listings(entries: readonly Entry[]): Listing[] {
  const [first, ...rest] = entries;
  const [meta] = parseMessage(first?.value ?? new Uint8Array()) ?? [];
  if (first === undefined || !(meta?.value instanceof Uint8Array)) return [];
  const parts = parseMessage(meta.value) ?? [];
  return parts.flatMap((part) => {
    const fields = part.value instanceof Uint8Array ? parseMessage(part.value) : undefined;
    const name = fields?.find(({ number }) => number === 1)?.value;
    if (part.number !== 1 || fields === undefined || !(name instanceof Uint8Array)) return [];
    const replace = (changed: readonly Field[]) => {
      const others = parts.map((other) => (other === part ? { ...part, value: encodeMessage(changed) } : other));
      return [{ ...first, value: encodeMessage([{ ...meta, value: encodeMessage(others) }]) }, ...rest];
    };
    return [{ name, fields, number: 4, replace }];
  });
}

function sliceOf(message: Uint8Array): TensorSlice {
  return (parseMessage(message) ?? []).map(({ value }): Extent => {
    const numbers = new Map(
      (value instanceof Uint8Array ? parseMessage(value) : [])?.map((field) => [field.number, field.value]),
    );
    const length = numbers.get(2);
    return length === undefined ? "full" : { start: signed(numbers.get(1)), length: signed(length) };
  });
}

function signed(value: bigint | Uint8Array | undefined): number {
  return typeof value === "bigint" ? Number(BigInt.asIntN(53, value)) : 0;
}

function encodeExtent(extent: Extent): Uint8Array {
  if (extent === "full") return new Uint8Array();
  return encodeMessage([
    { number: 1, wire: 0, value: BigInt(extent.start) },
    { number: 2, wire: 0, value: BigInt(extent.length) },
  ]);
}

function movedExtent(extent: Extent, random: Random): Extent {
  if (extent === "full" || random.chance(0.1))
    return random.chance(0.5) ? "full" : { start: 0, length: random.below(4) };
  const { start, length } = extent;
  const by = random.pick([-start - 1, -2, -1, 1, 2, 2 ** 40, Number.MAX_SAFE_INTEGER - start]);
  return random.chance(0.7)
    ? { start: start + by, length }
    : { start, length: length + random.pick([-length, -1, 1, -8]) };
}
