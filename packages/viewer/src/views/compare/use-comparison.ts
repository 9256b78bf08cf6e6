import { shapesEqual } from "@tfsaver/core";
import { useMemo } from "preact/hooks";
import { useApp } from "../../app/context.js";
import { type Resource, useResource } from "../../app/use-resource.js";
import { type ComparedRow, comparedRows } from "../../model/compare/comparison.js";
import type { Catalog } from "../../model/tensors/catalog.js";
import type { WholeComparison } from "../../worker/handlers/compare/compare.js";

/** A comparison of two checkpoints. */
export interface Comparison {
  readonly rows: readonly ComparedRow[];
  /** Bytes that comparing the values reads. */
  readonly bytes: number;
  /** True if values were compared. */
  readonly hasValues: boolean;
  /** What names, dtypes and shapes say, while it is read. */
  readonly declared: Resource<WholeComparison>;
  /** What the values say, if they were asked for. */
  readonly values: Resource<WholeComparison>;
}

const NO_ROWS: readonly ComparedRow[] = [];

/** Results that were computed, so that it needn't be done again after a look at another view. */
const kept = new WeakMap<Catalog, WeakMap<Catalog, WholeComparison>>();

/** Compares two checkpoints: first by names, dtypes and shapes, which costs nothing; by values when that is asked for. */
export function useComparison(before: Catalog, after: Catalog, withValues: boolean): Comparison {
  const app = useApp();
  const { engine } = app;
  const key = `${before.id} ${after.id}`;
  const bytes = useMemo(() => bytesToCompare(before, after), [before, after]);
  const request = { before: before.id, after: after.id };
  const declared = useResource(key, (options) => engine.diff({ ...request, values: false }, options));
  const values = useResource(withValues ? key : undefined, async (options) => {
    const known = kept.get(before)?.get(after);
    if (known !== undefined) return known;
    await app.askFirst.mayRead(bytes, "Compare all values").catch((declined) => {
      app.setParams({ values: undefined }, { replace: true });
      throw declined;
    });
    const comparison = await engine.diff({ ...request, values: true }, options);
    const ofBefore = kept.get(before) ?? new WeakMap();
    kept.set(before, ofBefore.set(after, comparison));
    return comparison;
  });
  const hasValues = withValues && values.value !== undefined;
  const comparison = hasValues ? values.value : declared.value;
  const rows = useMemo(
    () =>
      comparison === undefined
        ? NO_ROWS
        : comparedRows(before.names, comparison.difference, comparison.damaged, hasValues),
    [before, comparison, hasValues],
  );
  return { rows, bytes, hasValues, declared, values };
}

/** Sums up the tensors that have a partner of their shape, and those that may have been renamed. */
function bytesToCompare(before: Catalog, after: Catalog): number {
  let bytes = 0;
  for (const [place, name] of before.names.entries()) {
    const partner = after.placeOf(name);
    if (partner === undefined) bytes += before.sizes[place] as number;
    else if (shapesEqual(before.shape(place), after.shape(partner))) {
      bytes += (before.sizes[place] as number) + (after.sizes[partner] as number);
    }
  }
  for (const [place, name] of after.names.entries()) {
    if (before.placeOf(name) === undefined) bytes += after.sizes[place] as number;
  }
  return bytes;
}
