import type { Catalog } from "./catalog.js";

export const SORTS = ["name", "size", "elements", "dtype"] as const;

/** The order of a list. Largest first for sizes and elements. */
export type Sort = (typeof SORTS)[number];

/** Returns a function that compares two tensors by their places; undefined for the order of names, which they have. */
export function comparePlaces(catalog: Catalog, sort: Sort): ((a: number, b: number) => number) | undefined {
  switch (sort) {
    case "name":
      return undefined;
    case "size":
      return (a, b) => (catalog.sizes[b] as number) - (catalog.sizes[a] as number) || a - b;
    case "elements":
      return (a, b) => catalog.elements(b) - catalog.elements(a) || a - b;
    case "dtype":
      return (a, b) => compareTexts(catalog.dtype(a), catalog.dtype(b)) || a - b;
  }
}

/** Compares texts by their code units. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
