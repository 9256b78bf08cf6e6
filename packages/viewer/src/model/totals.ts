import type { DType } from "@tfsaver/core";
import type { Catalog } from "./tensors/catalog.js";

/** The sums of a group of tensors. */
export interface Totals {
  readonly tensors: number;
  readonly elements: number;
  readonly bytes: number;
}

/** What a checkpoint holds, in sums. */
export interface CheckpointTotals extends Totals {
  /** Largest first. */
  readonly dtypes: readonly (Totals & { readonly dtype: DType })[];
  /** By the number of the data file. */
  readonly shards: readonly (Totals & { readonly shard: number })[];
}

/** Adds up the tensors of a checkpoint. */
export function totalsOf(catalog: Catalog): CheckpointTotals {
  const dtypes = new Map<DType, Totals>();
  const shards = new Map<number, Totals>();
  let all: Totals = { tensors: 0, elements: 0, bytes: 0 };
  for (let place = 0; place < catalog.length; place++) {
    const { dtype, size, shard } = catalog.facts(place);
    const elements = catalog.elements(place);
    all = plus(all, elements, size);
    dtypes.set(dtype, plus(dtypes.get(dtype), elements, size));
    shards.set(shard, plus(shards.get(shard), elements, size));
  }
  return {
    ...all,
    dtypes: [...dtypes].map(([dtype, totals]) => ({ dtype, ...totals })).sort((a, b) => b.bytes - a.bytes),
    shards: [...shards].map(([shard, totals]) => ({ shard, ...totals })).sort((a, b) => a.shard - b.shard),
  };
}

function plus(totals: Totals | undefined, elements: number, bytes: number): Totals {
  const { tensors, elements: before, bytes: bytesBefore } = totals ?? { tensors: 0, elements: 0, bytes: 0 };
  return { tensors: tensors + 1, elements: before + elements, bytes: bytesBefore + bytes };
}
