import { useEffect, useMemo, useState } from "preact/hooks";
import { useApp } from "../../app/context.js";
import { useResource } from "../../app/use-resource.js";
import type { Catalog } from "../../model/tensors/catalog.js";
import { filterTensors, haystackOf } from "../../model/tensors/filter.js";
import { GROUPS, type Group, labelOf, pathsOf } from "../../model/tensors/grouping.js";
import { flatRows, type Row, treeRows } from "../../model/tensors/rows.js";
import { scopesOf } from "../../model/tensors/scopes.js";
import { NO_SLOTS, type Slots, slotsAmong, slotsOf } from "../../model/tensors/slots.js";
import { comparePlaces, SORTS, type Sort } from "../../model/tensors/sort.js";
import type { ObjectTensor } from "../../worker/objects/object-paths.js";

/** What of the list stands in the address. */
export interface ListOptions {
  readonly query: string;
  readonly dtype: string;
  readonly atLeast: number;
  readonly sort: Sort;
  readonly group: Group;
}

/** Reads the options of the list from the address. */
export function useListOptions(isObjectBased: boolean): ListOptions {
  const { params } = useApp().address.value;
  const { q = "", dtype = "", larger = "", sort, group } = params;
  return {
    query: q,
    dtype,
    atLeast: Number(larger) || 0,
    sort: SORTS.find((one) => one === sort) ?? "name",
    group: GROUPS.find((one) => one === group) ?? (isObjectBased ? "objects" : "scopes"),
  };
}

/** Reads the tensors of an object-based checkpoint by objects; undefined for others, and until they are read. */
export function useObjects(catalog: Catalog): readonly ObjectTensor[] | undefined {
  const { engine } = useApp();
  const isObjectBased = isObjectBasedCatalog(catalog);
  const { value } = useResource(isObjectBased ? String(catalog.id) : undefined, (options) =>
    engine.objects({ id: catalog.id }, options),
  );
  return value;
}

/** True if a checkpoint holds a graph of objects. */
export function isObjectBasedCatalog(catalog: Catalog): boolean {
  return catalog.placeOf("_CHECKPOINTABLE_OBJECT_GRAPH") !== undefined;
}

/** The rows of the list, and the sums of what is listed. */
export interface List {
  readonly rows: readonly Row[];
  readonly count: number;
  readonly elements: number;
  readonly bytes: number;
}

/** Finds the slots of variables: with very many tensors only after the list was painted, since that takes a while. */
function useSlots(catalog: Catalog): Slots {
  const isLarge = catalog.length > 20_000;
  const [slots, setSlots] = useState(() => (isLarge ? NO_SLOTS : slotsOf(catalog)));
  useEffect(() => {
    if (!isLarge) return;
    const timer = setTimeout(() => setSlots(slotsOf(catalog)), 100);
    return () => clearTimeout(timer);
  }, [catalog, isLarge]);
  return slots;
}

/**
 * Computes the rows of the list.
 *
 * @param expanded - keys of the rows that are unfolded
 */
export function useList(
  catalog: Catalog,
  objects: readonly ObjectTensor[] | undefined,
  options: ListOptions,
  expanded: ReadonlySet<string>,
): List {
  const { query, dtype, atLeast, sort, group } = options;
  const haystack = useMemo(() => haystackOf(catalog), [catalog]);
  const all = useSlots(catalog);
  const places = useMemo(
    () => filterTensors(catalog, haystack, { query, dtype, atLeast }),
    [catalog, haystack, query, dtype, atLeast],
  );
  const isSearch = query.trim() !== "";
  // Whoever searches wants to see what was found, not what it is folded under.
  const slots = useMemo(
    () => (isSearch ? NO_SLOTS : slotsAmong(catalog, all, places)),
    [isSearch, catalog, all, places],
  );
  const pathOf = useMemo(() => pathsOf(catalog, group, objects), [catalog, group, objects]);
  const root = useMemo(() => scopesOf(catalog, places, pathOf, slots, sort), [catalog, places, pathOf, slots, sort]);
  const rows = useMemo(() => {
    const label = (place: number, depth: number) => labelOf(place, depth, pathOf, slots);
    if (!isSearch && group !== "none") return treeRows(root, slots, expanded, label);
    const compare = comparePlaces(catalog, sort);
    return flatRows(compare === undefined ? places : [...places].sort(compare), slots, expanded, label);
  }, [root, slots, expanded, pathOf, isSearch, group, catalog, sort, places]);
  const { count, elements, bytes } = root;
  return useMemo(() => ({ rows, count, elements, bytes }), [rows, count, elements, bytes]);
}
