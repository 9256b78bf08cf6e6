import type { Scope } from "./scopes.js";
import type { Slots } from "./slots.js";

/** A row of the list of tensors. */
export interface Row {
  /** Depth in the tree, from 0. */
  readonly depth: number;
  /** Place among its siblings, from 1, and their number. */
  readonly position: number;
  readonly siblings: number;
  /** True or false for what can be unfolded. */
  readonly expanded: boolean | undefined;
  /** What it shows. */
  readonly item:
    | { readonly scope: Scope }
    | { readonly place: number; readonly slots: readonly number[]; readonly label: string };
}

/** Returns what unfolds a row: a text that no other row has. */
export function keyOf({ item }: Pick<Row, "item">): string {
  return "scope" in item ? `scope ${item.scope.path}` : `tensor ${item.place}`;
}

/** Returns what a tensor is called within the scopes above it. */
type LabelOf = (place: number, depth: number) => string;

/**
 * Returns the rows of a tree that are seen.
 *
 * @param slots - those that are folded under their variables
 * @param expanded - keys of the rows that are unfolded
 */
export function treeRows(root: Scope, slots: Slots, expanded: ReadonlySet<string>, labelOf: LabelOf): Row[] {
  const rows: Row[] = [];
  const visit = (scope: Scope, depth: number): void => {
    const siblings = scope.scopes.length + scope.tensors.length;
    let position = 0;
    for (const inner of scope.scopes) {
      const item = { scope: inner };
      const isExpanded = expanded.has(keyOf({ item }));
      rows.push({ depth, position: ++position, siblings, expanded: isExpanded, item });
      if (isExpanded) visit(inner, depth + 1);
    }
    for (const place of scope.tensors) {
      addTensor(rows, { place, depth, position: ++position, siblings }, slots, expanded, labelOf);
    }
  };
  visit(root, 0);
  return rows;
}

/** Returns the rows of a list without scopes, in the order of the places. */
export function flatRows(
  places: readonly number[],
  slots: Slots,
  expanded: ReadonlySet<string>,
  labelOf: LabelOf,
): Row[] {
  const rows: Row[] = [];
  const shown = places.filter((place) => !slots.owners.has(place));
  shown.forEach((place, i) => {
    addTensor(rows, { place, depth: 0, position: i + 1, siblings: shown.length }, slots, expanded, labelOf);
  });
  return rows;
}

function addTensor(
  rows: Row[],
  tensor: { place: number; depth: number; position: number; siblings: number },
  slots: Slots,
  expanded: ReadonlySet<string>,
  labelOf: LabelOf,
): void {
  const { place, depth, position, siblings } = tensor;
  const own = slots.byOwner.get(place) ?? [];
  const item = { place, slots: own, label: labelOf(place, depth) };
  const isExpanded = own.length > 0 ? expanded.has(keyOf({ item })) : undefined;
  rows.push({ depth, position, siblings, expanded: isExpanded, item });
  if (!isExpanded) return;
  own.forEach((slot, i) => {
    const slotItem = { place: slot, slots: [], label: labelOf(slot, 0) };
    rows.push({ depth: depth + 1, position: i + 1, siblings: own.length, expanded: undefined, item: slotItem });
  });
}
