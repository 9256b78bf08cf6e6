import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools/printing";
import { formatShape } from "@tfsaver/core";
import { formatAmount } from "../../model/amount.js";
import type { Catalog } from "../../model/tensors/catalog.js";
import type { Row } from "../../model/tensors/rows.js";
import { NameText } from "../../ui/name-text.js";
import type { RowAttributes } from "../../ui/virtual-rows.js";

interface TensorRowProps {
  readonly row: Row;
  readonly catalog: Catalog;
  /** Bytes of all that is listed. */
  readonly total: number;
  readonly isSelected: boolean;
  readonly damaged: ReadonlySet<string>;
  readonly attributes: RowAttributes;
}

/** Shows a scope or a tensor: its name, what it is, its bytes, and a bar of its share. */
export function TensorRow(props: TensorRowProps) {
  const { row, catalog, total, isSelected, damaged, attributes } = props;
  const { item, depth, expanded, position, siblings } = row;
  const facts = "scope" in item ? scopeFacts(item.scope) : tensorFacts(catalog, item, damaged);
  const share = total > 0 ? facts.bytes / total : 0;
  return (
    <div
      {...attributes}
      role="treeitem"
      class="tensor-row"
      aria-level={depth + 1}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-selected={isSelected}
      aria-expanded={expanded}
    >
      <span class="indent" style={{ width: `${Math.min(depth, 24) * 14}px` }} />
      <span class={`twisty ${twistyClass(expanded)}`} aria-hidden />
      <span class={"scope" in item ? "label scope" : "label"}>
        <Label text={facts.label} />
        {facts.note !== "" && <span class="quiet note"> {facts.note}</span>}
        {facts.isDamaged && <span class="damage"> damaged</span>}
      </span>{" "}
      <span class="what number quiet">{facts.what}</span> <span class="size number">{formatBytes(facts.bytes)}</span>
      <span class="share" aria-hidden>
        <span style={{ width: `${Math.max(share * 100, 0.5)}%` }} />
      </span>
    </div>
  );
}

interface RowFacts {
  readonly label: string;
  readonly note: string;
  readonly what: string;
  readonly bytes: number;
  readonly isDamaged: boolean;
}

/** Shows a name whose end is always seen, because it tells tensors apart. */
function Label({ text }: { readonly text: string }) {
  const cut = endOfName(text);
  return (
    <>
      {cut > 0 && <NameText text={text.slice(0, cut)} inRow />}
      <span class="end">
        <NameText text={text.slice(cut)} inRow />
      </span>
    </>
  );
}

/** Returns where the last two parts of a name begin; 0 for a name without more parts, or with parts that are too long. */
function endOfName(text: string): number {
  const at = text.lastIndexOf("/", text.lastIndexOf("/") - 1) + 1;
  return text.length - at > 40 ? 0 : at;
}

function twistyClass(expanded: boolean | undefined): string {
  if (expanded === undefined) return "";
  return expanded ? "open" : "closed";
}

function scopeFacts(scope: Extract<Row["item"], { scope: unknown }>["scope"]): RowFacts {
  const what = `${formatAmount(scope.elements)} params`;
  return { label: scope.label, note: formatCount(scope.count, "tensor"), what, bytes: scope.bytes, isDamaged: false };
}

function tensorFacts(
  catalog: Catalog,
  { place, slots, label }: Extract<Row["item"], { place: number }>,
  damaged: ReadonlySet<string>,
): RowFacts {
  const { name, dtype, shape, size, slices } = catalog.at(place);
  const notes = [
    slots.length > 0 ? formatCount(slots.length, "slot") : "",
    slices > 0 ? `in ${formatCount(slices, "slice")}` : "",
  ];
  const isDamaged = damaged.has(name);
  const note = notes.filter((text) => text !== "").join(", ");
  return { label, note, what: `${dtype} ${formatShape(shape)}`, bytes: size, isDamaged };
}
