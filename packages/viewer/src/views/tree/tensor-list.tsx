import { useCallback, useEffect, useState } from "preact/hooks";
import { useApp } from "../../app/context.js";
import type { Catalog } from "../../model/tensors/catalog.js";
import { keyOf, type Row } from "../../model/tensors/rows.js";
import { VirtualRows } from "../../ui/virtual-rows.js";
import { UnreadableList } from "../tensor/unreadable.js";
import { ListControls } from "./list-controls.js";
import { TensorRow } from "./tensor-row.js";
import { isObjectBasedCatalog, useList, useListOptions, useObjects } from "./use-list.js";

/** Height of a row in pixels. */
const ROW_HEIGHT = 28;

interface TensorListProps {
  readonly catalog: Catalog;
  readonly selected: string | undefined;
  /** Names of tensors with damage. */
  readonly damaged: ReadonlySet<string>;
}

/** Lists the tensors as a tree or by search, with the controls above. */
export function TensorList({ catalog, selected, damaged }: TensorListProps) {
  const app = useApp();
  const objects = useObjects(catalog);
  const options = useListOptions(isObjectBasedCatalog(catalog));
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(() => new Set(scopesAbove(selected)));
  const list = useList(catalog, objects, options, expanded);
  const { rows } = list;
  const [active, setActive] = useState(0);
  const at = Math.min(active, rows.length - 1);

  // Another search starts at its first row.
  useEffect(() => setActive(0), [options.query, options.group, options.sort, catalog]);

  const unfold = useCallback((row: Row, isOpen: boolean) => {
    setExpanded((before) => {
      const next = new Set(before);
      next[isOpen ? "add" : "delete"](keyOf(row));
      return next;
    });
  }, []);

  const open = (index: number) => {
    const row = rows[index];
    if (row === undefined) return;
    setActive(index);
    if ("scope" in row.item) unfold(row, !row.expanded);
    else app.go({ tensor: catalog.names[row.item.place] });
  };

  const onKey = (key: string, index: number): boolean => {
    const row = rows[index];
    if (row === undefined) return false;
    if (key === "Enter" || key === " ") open(index);
    else if (key === "ArrowRight" && row.expanded === false) unfold(row, true);
    else if (key === "ArrowRight" && row.expanded) setActive(index + 1);
    else if (key === "ArrowLeft" && row.expanded) unfold(row, false);
    else if (key === "ArrowLeft" && row.depth > 0) setActive(parentOf(rows, index));
    else return false;
    return true;
  };

  return (
    <div class={options.query.trim() === "" ? "tensor-list" : "tensor-list found"}>
      <div>
        <ListControls catalog={catalog} options={options} list={list} isObjectBased={objects !== undefined} />
        <UnreadableList catalog={catalog} />
      </div>
      <VirtualRows
        attributes={{ role: "tree", "aria-label": "Tensors" }}
        count={rows.length}
        rowHeight={ROW_HEIGHT}
        active={at}
        onActive={setActive}
        onKey={onKey}
        onPress={(index, target) => {
          const row = rows[index];
          // A variable with slots is shown by a click on it, and unfolded by one on its triangle.
          if (row?.expanded !== undefined && target.classList.contains("twisty")) unfold(row, !row.expanded);
          else open(index);
        }}
        row={(index, attributes) => {
          const row = rows[index] as Row;
          return (
            <TensorRow
              key={keyOf(row)}
              row={row}
              catalog={catalog}
              total={list.bytes}
              isSelected={"place" in row.item && catalog.names[row.item.place] === selected}
              damaged={damaged}
              attributes={attributes}
            />
          );
        }}
      />
    </div>
  );
}

/** Returns the keys of the scopes above a tensor, so that it is seen. */
function scopesAbove(name: string | undefined): string[] {
  const parts = (name ?? "").split("/").slice(0, -1);
  return parts.map((_, i) => `scope ${parts.slice(0, i + 1).join("/")}`);
}

function parentOf(rows: readonly Row[], index: number): number {
  const depth = rows[index]?.depth ?? 0;
  for (let above = index - 1; above >= 0; above--) if ((rows[above]?.depth ?? 0) < depth) return above;
  return index;
}
