import { useMemo, useState } from "preact/hooks";
import { useApp } from "../../app/context.js";
import {
  CHANGES,
  type Change,
  type ComparedRow,
  type ComparisonSort,
  countChanges,
  nameOf,
  shownRows,
} from "../../model/compare/comparison.js";
import type { Catalog } from "../../model/tensors/catalog.js";
import { VirtualRows } from "../../ui/virtual-rows.js";
import { CHANGE_TEXTS, ComparedRowView } from "./compared-row.js";
import type { Comparison } from "./use-comparison.js";

/** Height of a row in pixels. */
const ROW_HEIGHT = 30;

const SORT_TEXTS: Readonly<Record<ComparisonSort, string>> = {
  name: "By name",
  largest: "Largest difference first",
  mean: "Largest mean difference first",
  cosine: "Least cosine first",
  equal: "Least equal first",
};

const SORTS = Object.keys(SORT_TEXTS) as ComparisonSort[];

interface ComparedListProps {
  readonly comparison: Comparison;
  readonly catalogs: readonly [before: Catalog, after: Catalog];
  readonly selected: ComparedRow | undefined;
}

/** Lists the tensors of both checkpoints, by what happened to them. */
export function ComparedList({ comparison, catalogs, selected }: ComparedListProps) {
  const app = useApp();
  const { changes, find = "", order } = app.address.value.params;
  const { rows, hasValues } = comparison;
  const counts = useMemo(() => countChanges(rows), [rows]);
  const sort = (hasValues && SORTS.find((one) => one === order)) || "name";
  const chosen = useMemo(() => chosenChanges(changes), [changes]);
  const shown = useMemo(() => shownRows(rows, chosen, find, sort), [rows, chosen, find, sort]);
  const [active, setActive] = useState(0);
  const at = Math.max(0, Math.min(active, shown.length - 1));
  const set = (params: Readonly<Record<string, string | undefined>>) => {
    setActive(0);
    app.setParams(params, { replace: true });
  };
  const open = (index: number) => {
    setActive(index);
    const row = shown[index];
    if (row !== undefined) app.go({ tensor: nameOf(row) });
  };
  const toggle = (change: Change) => {
    const next = CHANGES.filter((one) => chosen.has(one) !== (one === change));
    set({ changes: next.join(",") });
  };
  return (
    <div class="compare-list">
      <div class="compare-controls">
        <fieldset class="chips">
          <legend class="hidden">Changes to list</legend>
          {CHANGES.filter((change) => counts.has(change)).map((change) => (
            <button
              key={change}
              type="button"
              class={`chip ${change}`}
              aria-pressed={chosen.has(change)}
              onClick={() => toggle(change)}
            >
              {CHANGE_TEXTS[change]} <span class="number">{counts.get(change)?.toLocaleString("en")}</span>
            </button>
          ))}
        </fieldset>
        <input
          type="search"
          aria-label="Search names"
          placeholder="Search names"
          value={find}
          onInput={({ currentTarget }) => set({ find: currentTarget.value || undefined })}
        />
        {hasValues && (
          <select aria-label="Order" value={sort} onChange={({ currentTarget }) => set({ order: currentTarget.value })}>
            {SORTS.map((one) => (
              <option key={one} value={one}>
                {SORT_TEXTS[one]}
              </option>
            ))}
          </select>
        )}
      </div>
      {shown.length === 0 ? (
        <p class="page quiet">{rows.length === 0 ? "Both checkpoints are empty." : "Nothing matches."}</p>
      ) : (
        <VirtualRows
          attributes={{ role: "listbox", "aria-label": "Tensors of both checkpoints" }}
          count={shown.length}
          rowHeight={ROW_HEIGHT}
          active={at}
          onActive={setActive}
          onKey={(key, index) => {
            if (key !== "Enter" && key !== " ") return false;
            open(index);
            return true;
          }}
          onPress={open}
          row={(index, attributes) => {
            const row = shown[index] as ComparedRow;
            return (
              <ComparedRowView
                key={nameOf(row)}
                row={row}
                catalogs={catalogs}
                isSelected={row === selected}
                position={index + 1}
                count={shown.length}
                attributes={attributes}
              />
            );
          }}
        />
      )}
    </div>
  );
}

/** Reads the changes that are listed from the address. Default: all but equal tensors. */
function chosenChanges(text: string | undefined): ReadonlySet<Change> {
  if (text === undefined) return new Set(CHANGES.filter((change) => change !== "equal"));
  const parts = text.split(",");
  return new Set(CHANGES.filter((change) => parts.includes(change)));
}
