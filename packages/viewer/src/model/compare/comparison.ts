import type { ChangedTensor, CheckpointDifference, ValueDifference } from "@tfsaver/checkpoint-tools";

/**
 * What happened to a tensor between two checkpoints. `damaged` can't be compared; `same` is what names, dtypes and shapes say, if no values were compared.
 */
export type Change = "damaged" | "added" | "removed" | "renamed" | "changed" | "same" | "equal";

/** The changes in the order in which they are offered. */
export const CHANGES: readonly Change[] = ["damaged", "removed", "added", "renamed", "changed", "same", "equal"];

/** A tensor of either checkpoint, or of both. */
export interface ComparedRow {
  readonly change: Change;
  /** Its name before; undefined if it was added. */
  readonly before: string | undefined;
  /** Its name after; undefined if it was removed. */
  readonly after: string | undefined;
  /** What differs, if both have it. */
  readonly difference: ChangedTensor | undefined;
}

/** How rows are sorted: by name, or the most different first. */
export type ComparisonSort = "name" | "largest" | "mean" | "cosine" | "equal";

/**
 * Lists the tensors of two checkpoints, in the order of their names.
 *
 * @param names - the names in the first checkpoint
 * @param damaged - names of tensors that can't be compared
 * @param withValues - true if values were compared
 */
export function comparedRows(
  names: readonly string[],
  { added, removed, renamed, changed }: CheckpointDifference,
  damaged: readonly string[],
  withValues: boolean,
): ComparedRow[] {
  const gone = new Set(removed.map(({ name }) => name));
  const moved = new Map(renamed.map(({ from, to }) => [from, to]));
  const differences = new Map(changed.map((one) => [one.name, one]));
  const unreadable = new Set(damaged);
  const rows: ComparedRow[] = names.map((name) => {
    const to = moved.get(name);
    const difference = differences.get(name);
    if (gone.has(name)) return { change: "removed", before: name, after: undefined, difference };
    if (to !== undefined) return { change: "renamed", before: name, after: to, difference };
    if (difference !== undefined) return { change: "changed", before: name, after: name, difference };
    if (unreadable.has(name)) return { change: "damaged", before: name, after: name, difference };
    return { change: withValues ? "equal" : "same", before: name, after: name, difference };
  });
  for (const { name } of added) rows.push({ change: "added", before: undefined, after: name, difference: undefined });
  return rows.sort((a, b) => compareTexts(nameOf(a), nameOf(b)));
}

/** Returns the name that a row is sorted and searched by. */
export function nameOf({ before, after }: ComparedRow): string {
  return before ?? after ?? "";
}

/** Counts the rows of each change that occurs. */
export function countChanges(rows: readonly ComparedRow[]): ReadonlyMap<Change, number> {
  const counts = new Map<Change, number>();
  for (const { change } of rows) counts.set(change, (counts.get(change) ?? 0) + 1);
  return counts;
}

/**
 * Returns the rows of some changes whose name contains a text, sorted. Rows without a difference of values come last.
 *
 * @param rows - in the order of names
 */
export function shownRows(
  rows: readonly ComparedRow[],
  changes: ReadonlySet<Change>,
  text: string,
  sort: ComparisonSort,
): readonly ComparedRow[] {
  const wanted = text.toLowerCase();
  const has = (name: string | undefined) => name?.toLowerCase().includes(wanted) ?? false;
  const shown = rows.filter(({ change, before, after }) => changes.has(change) && (has(before) || has(after)));
  if (sort === "name") return shown;
  const keys = new Map(shown.map((row) => [row, difference(row.difference?.values, sort)]));
  return shown.sort((a, b) => (keys.get(b) as number) - (keys.get(a) as number));
}

/** Returns how different values are: the greater, the more. */
function difference(values: ValueDifference | undefined, sort: Exclude<ComparisonSort, "name">): number {
  if (values === undefined) return -2;
  if (sort === "equal") return 1 - values.equalShare;
  if (sort === "cosine") return values.cosine === undefined ? -2 : -values.cosine;
  // Infinity minus Infinity is NaN, which sorts anywhere.
  return Math.min(values[sort] ?? -1, Number.MAX_VALUE);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
