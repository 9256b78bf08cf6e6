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
} & { inside: Map<string, GrowingScope> | undefined; scopes: GrowingScope[]; tensors: number[] };

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
  const trail = new Trail(root);
  for (const place of places) {
    const owner = slots.owners.get(place);
    const elements = catalog.elements(place);
    const bytes = catalog.sizes[place] as number;
    const scopes = trail.to(pathOf(owner ?? place));
    for (const scope of scopes) {
      scope.count++;
      scope.elements += elements;
      scope.bytes += bytes;
    }
    if (owner === undefined) scopes.at(-1)?.tensors.push(place);
  }
  order(root, catalog, sort);
  return root;
}

/** The scopes from the root to the last path. In the order of names, the next path shares most of them. */
class Trail {
  readonly #scopes: GrowingScope[];
  #path = "";

  constructor(root: GrowingScope) {
    this.#scopes = [root];
  }

  /** Returns the scopes of a path, from the root. Makes those that are new. */
  to(path: string): readonly GrowingScope[] {
    const scopes = this.#scopes;
    const shared = commonLength(path, this.#path);
    while (scopes.length > 1 && (scopes.at(-1) as GrowingScope).path.length >= shared) scopes.pop();
    this.#path = path;
    let from = scopes.length === 1 ? 0 : (scopes.at(-1) as GrowingScope).path.length + 1;
    for (let to = path.indexOf("/", from); to >= 0 && scopes.length <= MAX_DEPTH; to = path.indexOf("/", from)) {
      scopes.push(inside(scopes.at(-1) as GrowingScope, path.slice(from, to), path.slice(0, to)));
      from = to + 1;
    }
    return scopes;
  }
}

/** Returns the number of characters that two texts start with in common. */
function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}

function newScope(path: string, label: string): GrowingScope {
  return { path, label, scopes: [], tensors: [], count: 0, elements: 0, bytes: 0, inside: undefined };
}

function inside(scope: GrowingScope, label: string, path: string): GrowingScope {
  const known = scope.inside?.get(label);
  if (known !== undefined) return known;
  const made = newScope(path, label);
  scope.inside ??= new Map();
  scope.inside.set(label, made);
  scope.scopes.push(made);
  return made;
}

function order(root: GrowingScope, catalog: Catalog, sort: Sort): void {
  const compare = comparePlaces(catalog, sort);
  const byNumber = { name: undefined, dtype: undefined, size: "bytes", elements: "elements" } as const;
  const key = byNumber[sort];
  const pending = [root];
  for (const scope of pending) {
    scope.scopes.sort((a, b) => (key === undefined ? 0 : b[key] - a[key]) || compareTexts(a.label, b.label));
    if (compare !== undefined) scope.tensors.sort(compare);
    for (const inner of scope.scopes) pending.push(inner);
  }
}
