import type { Catalog } from "./catalog.js";
import type { Slots } from "./slots.js";
import { comparePlaces, compareTexts, type Sort } from "./sort.js";

/** Levels of a tree; the rest of a deeper name stays in one piece. */
const MAX_DEPTH = 48;

/** A scope of tensors, with the sums of all that is in it. */
export interface Scope {
  /** All scopes down to this one, which tells it apart: `encoder/dense`. */
  readonly path: string;
  /** The last part of it. */
  readonly label: string;
  readonly scopes: readonly Scope[];
  /** Places of the tensors that are in no scope further inside. */
  readonly tensors: readonly number[];
  /** Number of tensors. */
  readonly count: number;
  /** Number of elements. */
  readonly elements: number;
  readonly bytes: number;
}

type GrowingScope = {
  -readonly [K in keyof Scope]: Scope[K] extends readonly (infer T)[] ? T[] : Scope[K];
} & { readonly inside: Map<string, GrowingScope>; scopes: GrowingScope[]; tensors: number[] };

/**
 * Groups tensors by the parts of their paths. Slots count to the scope of their variable.
 *
 * @param places - the tensors, in the order of names
 * @param slots - those that are folded under their variables
 * @param pathOf - returns the path by which a tensor is grouped: its name, or the path of its object
 */
export function scopesOf(
  catalog: Catalog,
  places: readonly number[],
  pathOf: (place: number) => string,
  slots: Slots,
  sort: Sort,
): Scope {
  const root = newScope("", "");
  for (const place of places) {
    const owner = slots.owners.get(place);
    const path = pathOf(owner ?? place);
    const elements = catalog.elements(place);
    const bytes = catalog.sizes[place] as number;
    let scope = root;
    add(scope, elements, bytes);
    let from = 0;
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      const to = path.indexOf("/", from);
      if (to < 0) break;
      scope = inside(scope, path.slice(from, to), path, to);
      add(scope, elements, bytes);
      from = to + 1;
    }
    if (owner === undefined) scope.tensors.push(place);
  }
  order(root, catalog, sort);
  return root;
}

function newScope(path: string, label: string): GrowingScope {
  return { path, label, scopes: [], tensors: [], count: 0, elements: 0, bytes: 0, inside: new Map() };
}

function inside(scope: GrowingScope, label: string, path: string, end: number): GrowingScope {
  const known = scope.inside.get(label);
  if (known !== undefined) return known;
  const made = newScope(path.slice(0, end), label);
  scope.inside.set(label, made);
  scope.scopes.push(made);
  return made;
}

function add(scope: GrowingScope, elements: number, bytes: number): void {
  scope.count++;
  scope.elements += elements;
  scope.bytes += bytes;
}

function order(root: GrowingScope, catalog: Catalog, sort: Sort): void {
  const compare = comparePlaces(catalog, sort);
  const byNumber = { name: undefined, dtype: undefined, size: "bytes", elements: "elements" } as const;
  const key = byNumber[sort];
  const pending = [root];
  for (const scope of pending) {
    scope.scopes.sort((a, b) => (key === undefined ? 0 : b[key] - a[key]) || compareTexts(a.label, b.label));
    if (compare !== undefined) scope.tensors.sort(compare);
    pending.push(...scope.scopes);
  }
}
