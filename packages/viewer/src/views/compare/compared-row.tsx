import { shortNumber } from "@tfsaver/checkpoint-tools/printing";
import { formatShape } from "@tfsaver/core";
import type { Change, ComparedRow } from "../../model/compare/comparison.js";
import { nameOf } from "../../model/compare/comparison.js";
import type { Catalog } from "../../model/tensors/catalog.js";
import { NameText } from "../../ui/name-text.js";
import type { RowAttributes } from "../../ui/virtual-rows.js";

/** What a change is called. */
export const CHANGE_TEXTS: Readonly<Record<Change, string>> = {
  damaged: "damaged",
  removed: "removed",
  added: "added",
  renamed: "renamed",
  changed: "changed",
  same: "not compared",
  equal: "equal",
};

interface ComparedRowProps {
  readonly row: ComparedRow;
  readonly catalogs: readonly [before: Catalog, after: Catalog];
  readonly isSelected: boolean;
  /** From 1. */
  readonly position: number;
  readonly count: number;
  readonly attributes: RowAttributes;
}

/** Shows what happened to a tensor. */
export function ComparedRowView({ row, catalogs, isSelected, position, count, attributes }: ComparedRowProps) {
  const { change, before, after, difference } = row;
  const values = difference?.values;
  return (
    <div
      {...attributes}
      role="option"
      class="compared-row"
      aria-selected={isSelected}
      aria-posinset={position}
      aria-setsize={count}
    >
      <span class={`change ${change}`}>{CHANGE_TEXTS[change]}</span>
      <span class={change === "renamed" ? "compared-name" : "compared-name single"}>
        <NameText text={nameOf(row)} inRow />
        {before !== undefined && after !== undefined && before !== after && (
          <>
            <span class="quiet"> → </span>
            <NameText text={after} inRow />
          </>
        )}
      </span>
      <span class="compared-kind number quiet">{kindOf(row, catalogs)}</span>
      {values !== undefined && (
        <>
          <span class="compared-number number">
            {values.largest !== undefined && `± ${shortNumber(values.largest)}`}
          </span>
          <span class="compared-share number quiet">{percent(values.equalShare)} equal</span>
        </>
      )}
    </div>
  );
}

/** Returns dtype and shape, and what they became. */
export function kindOf({ before, after }: ComparedRow, [one, other]: readonly [Catalog, Catalog]): string {
  const [a, b] = [
    before === undefined ? undefined : one.get(before),
    after === undefined ? undefined : other.get(after),
  ];
  const [from, to] = [a, b].map((entry) => entry && [entry.dtype, formatShape(entry.shape)]);
  if (from === undefined || to === undefined) return (from ?? to ?? []).join(" ");
  return from.map((text, i) => (text === to[i] ? text : `${text} → ${to[i]}`)).join(" ");
}

/** Formats a share from 0 to 1, so that only all is 100 %. */
export function percent(share: number): string {
  if (share === 0 || share === 1) return `${100 * share} %`;
  return `${Math.min(Math.max(100 * share, 0.01), 99.99).toFixed(2)} %`;
}
