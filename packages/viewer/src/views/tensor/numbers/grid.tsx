import type { DType } from "@tfsaver/core";
import type { ComponentChild } from "preact";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { cellKind, cellText, columnWidth, type StringStyle } from "../../../model/tensor/cell-text.js";
import { afterKey, type Cell, type Selection, selectedCells } from "../../../model/tensor/cursor.js";
import { columnCount, firstColumn, firstRow, rowCount, type TensorWindow } from "../../../model/tensor/window.js";
import type { TileStore } from "./tile-store.js";
import { useScroll } from "./use-scroll.js";

/** Height of a row in pixels. */
const ROW = 24;
/** Rows are placed from one of this many on, so that their places stay small numbers. */
const BASE = 1024;
/** Milliseconds between two requests while the grid scrolls, and from the last scroll event to its request. */
const PAUSE = 80;

interface GridProps {
  readonly label: string;
  readonly window: TensorWindow;
  readonly dtype: DType;
  readonly store: TileStore;
  readonly style: StringStyle;
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
  readonly onCopy: () => void;
}

/** Shows the elements of a window in cells, of which only those that are seen are in the page. Works by keys. */
export function Grid({ label, window, dtype, store, style, selection, onSelect, onCopy }: GridProps) {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = rowCount(window);
  const columns = columnCount(window);
  const [rowStart, columnStart] = [firstRow(window), firstColumn(window)];
  const width = columnWidth(dtype);
  const headerWidth = String(rowStart + rows - 1).length * 8 + 24;
  const scroll = useScroll(scroller, { width: columns * width, height: rows * ROW, headerWidth, headerHeight: ROW });
  const { x, y, viewWidth, viewHeight, scrollTo } = scroll;

  const first = Math.floor(y / ROW);
  const last = Math.min(rows, Math.ceil((y + viewHeight) / ROW));
  const left = Math.floor(x / width);
  const right = Math.min(columns, Math.ceil((x + viewWidth) / width));
  useWanted(store, { first, last, left, right }, scroll.hasMoved);
  store.version.value;

  const { active } = selection;
  const isFirst = useRef(true);
  useLayoutEffect(() => {
    // A grid that was just opened shows its first cell, and nobody has scrolled.
    if (isFirst.current && active.row === 0 && active.column === 0) {
      isFirst.current = false;
      return;
    }
    if (viewHeight === 0) return;
    isFirst.current = false;
    const nextX = revealed(x, viewWidth, active.column * width, width);
    const nextY = revealed(y, viewHeight, active.row * ROW, ROW);
    if (nextX !== x || nextY !== y) scrollTo(nextX, nextY);
    // Only a move of the active cell scrolls to it.
  }, [active.row, active.column, viewHeight > 0]);

  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "c") {
      event.preventDefault();
      onCopy();
      return;
    }
    const next = afterKey(selection, event, { rows, columns }, Math.floor(viewHeight / ROW) - 1);
    if (next === undefined) return;
    event.preventDefault();
    onSelect(next);
  };
  const cellAt = (event: PointerEvent): Cell | undefined => {
    const box = scroller.current?.getBoundingClientRect();
    if (box === undefined) return undefined;
    const row = Math.floor((event.clientY - box.top - ROW + y) / ROW);
    const column = Math.floor((event.clientX - box.left - headerWidth + x) / width);
    const isInside = row >= 0 && row < rows && column >= 0 && column < columns;
    const isHeader = event.clientY - box.top < ROW || event.clientX - box.left < headerWidth;
    return isInside && !isHeader ? { row, column } : undefined;
  };
  const isDragging = useRef(false);
  const onPointer = (event: PointerEvent) => {
    const isDown = event.type === "pointerdown";
    isDragging.current = isDown ? event.button === 0 : isDragging.current && event.buttons === 1;
    if (!isDragging.current || (event.pointerType === "touch" && !isDown)) return;
    const cell = cellAt(event);
    if (cell === undefined) return;
    onSelect({ active: cell, anchor: isDown && !event.shiftKey ? cell : selection.anchor });
  };

  const selected = selectedCells(selection);
  const isSelected = (row: number, column: number) =>
    row >= selected.row &&
    row < selected.row + selected.rows &&
    column >= selected.column &&
    column < selected.column + selected.columns;
  const cache = useRows();
  const drawn: ComponentChild[] = [];
  const base = Math.floor(first / BASE) * BASE;
  const indexes = Array.from({ length: Math.max(right - left, 0) }, (_, i) => left + i);
  for (let row = first; row < last; row++) {
    const marks =
      row >= selected.row && row < selected.row + selected.rows ? `${selected.column} ${selected.columns}` : "";
    const activeColumn = active.row === row ? active.column : "";
    const key = [row, base, left, right, width, style, marks, activeColumn, store.stampOf(row, left, right)].join("|");
    drawn.push(
      cache(row, `${store.id} ${key}`, () => (
        <div key={row} class="grid-row" role="row" aria-rowindex={row + 2} style={{ top: px((row - base) * ROW) }}>
          <div class="grid-head" role="rowheader" aria-colindex={1} style={{ width: px(headerWidth) }}>
            {rowStart + row}
          </div>
          <div class="grid-cells" role="presentation">
            {indexes.map((column) => {
              const value = store.valueAt(row, column);
              const classes = [
                "grid-cell",
                value === undefined ? "missing" : cellKind(value.element),
                isSelected(row, column) ? "selected" : "",
                active.row === row && active.column === column ? "active" : "",
              ];
              return (
                <div
                  key={column}
                  id={`${id}-${row}-${column}`}
                  class={classes.join(" ")}
                  role="gridcell"
                  aria-colindex={column + 2}
                  aria-selected={isSelected(row, column)}
                  style={{ width: px(width) }}
                >
                  {value === undefined ? "·" : cellText(value, dtype, style)}
                </div>
              );
            })}
          </div>
        </div>
      )),
    );
  }
  const isActiveDrawn = active.row >= first && active.row < last && active.column >= left && active.column < right;
  return (
    <div
      ref={scroller}
      class={`grid ${dtype === "string" || dtype === "variant" ? "of-strings" : ""}`}
      role="grid"
      aria-label={label}
      aria-rowcount={rows + 1}
      aria-colcount={columns + 1}
      aria-multiselectable
      aria-activedescendant={isActiveDrawn ? `${id}-${active.row}-${active.column}` : undefined}
      tabIndex={0}
      onScroll={scroll.onScroll}
      onKeyDown={onKeyDown}
      onPointerDown={onPointer}
      onPointerMove={onPointer}
    >
      <div
        class="grid-space"
        role="presentation"
        style={{ width: px(scroll.scrolledWidth), height: px(scroll.scrolledHeight) }}
      >
        <div
          class="grid-view"
          role="presentation"
          style={{
            width: px(Math.min(viewWidth, columns * width) + headerWidth),
            height: px(viewHeight + ROW),
            "--x": px(left * width - x),
          }}
        >
          <div class="grid-row grid-top" role="row" aria-rowindex={1}>
            <div class="grid-head" role="columnheader" aria-colindex={1} style={{ width: px(headerWidth) }}>
              <span class="unseen">Index</span>
            </div>
            <div class="grid-cells" role="presentation">
              {indexes.map((column) => (
                <div
                  key={column}
                  class="grid-cell grid-head"
                  role="columnheader"
                  aria-colindex={column + 2}
                  style={{ width: px(width) }}
                >
                  {window.columnAxis === undefined ? "value" : columnStart + column}
                </div>
              ))}
            </div>
          </div>
          <div
            class="grid-body"
            role="presentation"
            style={{ top: px(ROW), transform: `translateY(${px(base * ROW - y)})` }}
          >
            {drawn}
          </div>
        </div>
      </div>
    </div>
  );
}

function px(length: number): string {
  return `${length}px`;
}

/** Returns the offset at which a cell is seen, as near as possible to the present one. */
function revealed(offset: number, view: number, start: number, size: number): number {
  if (start < offset) return start;
  return start + size > offset + view ? start + size - view : offset;
}

interface Seen {
  readonly first: number;
  readonly last: number;
  readonly left: number;
  readonly right: number;
}

/**
 * Requests the cells on the screen, at most once per {@link PAUSE}. Requests the screens before and after it too, once the grid
 * has scrolled. Requests nothing while the grid scrolls faster than half a screen per {@link PAUSE}.
 */
function useWanted(store: TileStore, { first, last, left, right }: Seen, hasMoved: boolean): void {
  const before = useRef({ time: Number.NEGATIVE_INFINITY, first });
  useEffect(() => {
    if (last <= first || right <= left) return;
    const request = () => {
      before.current = { time: performance.now(), first };
      const ahead = hasMoved ? last - first : 0;
      const row = Math.max(first - ahead, 0);
      store.want({ row, column: left, rows: last + ahead - row, columns: right - left });
    };
    const elapsed = performance.now() - before.current.time;
    if (elapsed >= PAUSE) {
      const rowsPerPause = (Math.abs(first - before.current.first) * PAUSE) / elapsed;
      before.current = { time: performance.now(), first };
      if (rowsPerPause <= (last - first) / 2) return request();
    }
    const timer = setTimeout(request, PAUSE);
    return () => clearTimeout(timer);
  }, [store, first, last, left, right, hasMoved]);
}

/** Keeps rows that did not change, so that they are not compared again while others scroll in. */
function useRows(): (row: number, key: string, draw: () => ComponentChild) => ComponentChild {
  const rows = useRef(new Map<number, { readonly key: string; readonly drawn: ComponentChild }>());
  const next = new Map<number, { readonly key: string; readonly drawn: ComponentChild }>();
  const before = rows.current;
  rows.current = next;
  return (row, key, draw) => {
    const known = before.get(row);
    const kept = known?.key === key ? known : { key, drawn: draw() };
    next.set(row, kept);
    return kept.drawn;
  };
}
