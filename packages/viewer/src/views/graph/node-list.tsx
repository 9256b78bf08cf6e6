import { formatCount } from "@tfsaver/checkpoint-tools/printing";
import { useEffect, useMemo, useState } from "preact/hooks";
import { useApp } from "../../app/context.js";
import type { GraphIndex } from "../../model/graph/graph-index.js";
import { type GraphRow, type Grouping, graphRows, matchingNodes, scopesAround } from "../../model/graph/graph-rows.js";
import { NameText } from "../../ui/name-text.js";
import { type RowAttributes, VirtualRows } from "../../ui/virtual-rows.js";

interface NodeListProps {
  readonly graph: GraphIndex;
  readonly selected: number | undefined;
}

/** Lists the operations of a graph by scope, by type, or by a search. */
export function NodeList({ graph, selected }: NodeListProps) {
  const app = useApp();
  const { by, nodes = "" } = app.address.value.params;
  const grouping: Grouping = by === "type" ? "type" : "scope";
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set());
  useEffect(() => {
    // The node that is shown must be seen in the list.
    if (selected === undefined) return;
    const around = grouping === "scope" ? scopesAround(graph.name(selected)) : [];
    setOpen((before) => (around.every((key) => before.has(key)) ? before : new Set([...before, ...around])));
  }, [graph, grouping, selected]);
  const rows = useMemo(
    () => (nodes === "" ? graphRows(graph, grouping, open) : matchingNodes(graph, nodes)),
    [graph, grouping, nodes, open],
  );
  const [active, setActive] = useState(0);
  const at = Math.max(0, Math.min(active, rows.length - 1));
  useEffect(() => {
    const place = rows.findIndex((row) => row.kind === "node" && row.place === selected);
    if (place >= 0) setActive(place);
  }, [rows, selected]);

  const unfold = (key: string, isOpen: boolean) =>
    setOpen((before) => {
      const next = new Set(before);
      next[isOpen ? "add" : "delete"](key);
      return next;
    });
  const press = (index: number) => {
    const row = rows[index];
    setActive(index);
    if (row?.kind === "group") unfold(row.key, !row.isOpen);
    else if (row !== undefined) app.setParams({ node: graph.name(row.place) });
  };
  const onKey = (key: string, index: number): boolean => {
    const row = rows[index];
    if (row === undefined) return false;
    if (key === "Enter" || key === " ") press(index);
    else if (key === "ArrowRight" && row.kind === "group" && !row.isOpen) unfold(row.key, true);
    else if (key === "ArrowRight" && row.kind === "group") setActive(index + 1);
    else if (key === "ArrowLeft" && row.kind === "group" && row.isOpen) unfold(row.key, false);
    else if (key === "ArrowLeft" && row.depth > 0)
      setActive(rows.findLastIndex((r, i) => i < index && r.depth < row.depth));
    else return false;
    return true;
  };
  const set = (params: Readonly<Record<string, string | undefined>>) => {
    setActive(0);
    app.setParams(params, { replace: true });
  };
  return (
    <div class="graph-list">
      <div class="graph-controls">
        <input
          type="search"
          aria-label="Search operations"
          placeholder="Search names and types"
          value={nodes}
          onInput={({ currentTarget }) => set({ nodes: currentTarget.value || undefined })}
        />
        <select aria-label="Group" value={grouping} onChange={({ currentTarget }) => set({ by: currentTarget.value })}>
          <option value="scope">By scope</option>
          <option value="type">By type</option>
        </select>
        <span class="quiet number" role="status">
          {nodes === ""
            ? formatCount(graph.length, "operation")
            : `${rows.length.toLocaleString("en")} of ${formatCount(graph.length, "operation")}`}
        </span>
      </div>
      {rows.length === 0 ? (
        <p class="page quiet">{graph.length === 0 ? "The graph has no operations." : "Nothing matches."}</p>
      ) : (
        <VirtualRows
          attributes={{ role: "tree", "aria-label": "Operations" }}
          count={rows.length}
          rowHeight={26}
          active={at}
          onActive={setActive}
          onKey={onKey}
          onPress={press}
          row={(index, attributes) => (
            <NodeRow
              key={keyOf(rows[index] as GraphRow)}
              graph={graph}
              row={rows[index] as GraphRow}
              selected={selected}
              attributes={attributes}
            />
          )}
        />
      )}
    </div>
  );
}

interface NodeRowProps {
  readonly graph: GraphIndex;
  readonly row: GraphRow;
  readonly selected: number | undefined;
  readonly attributes: RowAttributes;
}

function NodeRow({ graph, row, selected, attributes }: NodeRowProps) {
  const isGroup = row.kind === "group";
  return (
    <div
      {...attributes}
      role="treeitem"
      class="node-row"
      aria-level={row.depth + 1}
      aria-expanded={isGroup ? row.isOpen : undefined}
      aria-selected={!isGroup && row.place === selected}
    >
      <span class="node-indent" style={{ width: `${Math.min(row.depth, 20) * 14}px` }} />
      <span class={`node-fold ${isGroup ? (row.isOpen ? "open" : "closed") : ""}`} aria-hidden />
      <span class={isGroup ? "node-name is-group" : "node-name"}>
        <NameText text={row.label === "" ? "(no name)" : row.label} inRow />
      </span>
      <span class="quiet number node-note">
        {isGroup ? row.count.toLocaleString("en") : <NameText text={graph.type(row.place)} inRow />}
      </span>
    </div>
  );
}

function keyOf(row: GraphRow): string {
  return row.kind === "group" ? `group ${row.key}` : `node ${row.place}`;
}
