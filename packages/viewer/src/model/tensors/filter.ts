import uFuzzy from "@leeoniya/ufuzzy";
import { globMatcher, isPattern } from "@tfsaver/storage";
import type { Catalog } from "./catalog.js";

/** Which tensors are listed. */
export interface Filter {
  /** Words, of which the letters may be apart; or a pattern with `*`, which also crosses `/`. Empty for all. */
  readonly query: string;
  /** The dtype; empty for all. */
  readonly dtype: string;
  /** Only tensors of at least this many bytes. */
  readonly atLeast: number;
}

/** Characters of a name that a search looks at. */
const SEARCHED = 1000;

/** Best matches that a fuzzy search ranks; others follow in the order of names. */
const RANKED = 1000;

/**
 * Returns the places of the tensors that pass a filter: in the order of names, or for a fuzzy search the best first.
 *
 * @param haystack - the names, as {@link haystackOf} returns them
 */
export function filterTensors(catalog: Catalog, haystack: readonly string[], filter: Filter): readonly number[] {
  const { query, dtype, atLeast } = filter;
  const { sizes } = catalog;
  const passes = (place: number) =>
    (dtype === "" || catalog.dtype(place) === dtype) && (sizes[place] as number) >= atLeast;
  const found = query.trim() === "" ? undefined : search(haystack, query.trim());
  if (found !== undefined) return found.filter(passes);
  const all: number[] = [];
  for (let place = 0; place < catalog.length; place++) if (passes(place)) all.push(place);
  return all;
}

/** Returns the names as they are searched: very long ones are cut. */
export function haystackOf(catalog: Catalog): readonly string[] {
  const isLong = (name: string) => name.length > SEARCHED;
  return catalog.names.some(isLong) ? catalog.names.map((name) => name.slice(0, SEARCHED)) : catalog.names;
}

function search(haystack: readonly string[], query: string): readonly number[] {
  if (isPattern(query)) {
    const matches = globMatcher(query);
    return haystack.flatMap((name, place) => (matches(name) ? [place] : []));
  }
  const fuzzy = new uFuzzy({ intraIns: 1, interIns: Number.POSITIVE_INFINITY });
  const [found, , order] = fuzzy.search(haystack as string[], query, 2, RANKED);
  // A query without letters is no query to the library.
  if (found === null) return haystack.flatMap((name, place) => (name.includes(query) ? [place] : []));
  return order === null ? found : order.map((i) => found[i] as number);
}
