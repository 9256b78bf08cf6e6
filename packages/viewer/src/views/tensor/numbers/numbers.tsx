import { type DType, dtypeInfo, isCheckpointError } from "@tfsaver/core";
import { useEffect, useMemo, useState } from "preact/hooks";
import { useApp } from "../../../app/context.js";
import { cellText, type StringStyle } from "../../../model/tensor/cell-text.js";
import { type Selection, selectedCells } from "../../../model/tensor/cursor.js";
import { tileSize } from "../../../model/tensor/tiles.js";
import { columnCount, indexOf, rowCount, sliceOf, type TensorWindow } from "../../../model/tensor/window.js";
import type { ShownTensor } from "../shown-tensor.js";
import { type CopyFormat, copyCells } from "./copy.js";
import { GoToField } from "./go-to-field.js";
import { Grid } from "./grid.js";
import { TileStore } from "./tile-store.js";
import { WholeString } from "./whole-string.js";

interface NumbersProps {
  readonly shown: ShownTensor;
  readonly window: TensorWindow;
  readonly onWindow: (window: TensorWindow) => void;
}

const CORNER = { row: 0, column: 0 };

/** Shows the elements of a window of a tensor in a grid, with what can be done with them. */
export function Numbers({ shown, window, onWindow }: NumbersProps) {
  const app = useApp();
  const { id, entry, unverified, inParts } = shown;
  const { name, dtype } = entry;
  const [selection, setSelection] = useState<Selection>({ active: CORNER, anchor: CORNER });
  const [style, setStyle] = useState<StringStyle>("text");
  const [said, setSaid] = useState("");
  const key = JSON.stringify(window);
  const store = useMemo(() => {
    const size = tileSize(window, Math.max(dtypeInfo(dtype).size, 1), !inParts);
    return new TileStore(window, size, (tile, signal) =>
      app.engine.cells({ id, name, slice: sliceOf(window, tile), unverified }, { signal }),
    );
  }, [id, name, key, unverified, inParts]);
  useEffect(() => () => store.close(), [store]);
  useEffect(() => {
    // What was read says more about the tensor than its index.
    shown.onRead(store.error.value ?? store.verified.value);
  }, [store.error.value, store.verified.value]);

  const size = { rows: rowCount(window), columns: columnCount(window) };
  const active = inside(selection.active, size);
  const now: Selection = { active, anchor: inside(selection.anchor, size) };
  const part = selectedCells(now);
  const cell = store.valueAt(active.row, active.column);
  const index = indexOf(window, active.row, active.column);
  const copy = async (format: CopyFormat) => {
    try {
      await copyCells(app, { id, entry, unverified }, window, part, format);
      setSaid(`Copied ${part.rows} × ${part.columns} as ${format}`);
    } catch (error) {
      setSaid(isCheckpointError(error, "CancelledError") ? "Not copied" : `Not copied: ${(error as Error).message}`);
    }
  };
  const select = (next: Selection) => {
    setSaid("");
    setSelection(next);
  };
  const isText = isStrings(dtype);
  store.version.value;
  return (
    <div class="numbers">
      <div class="toolbar">
        <GoToField
          window={window}
          active={active}
          onGo={(destination) => {
            onWindow(destination.window);
            select({ active: destination.cell, anchor: destination.cell });
          }}
        />
        <button type="button" onClick={() => copy("TSV")}>
          Copy as TSV
        </button>
        <button type="button" onClick={() => copy("JSON")}>
          Copy as JSON
        </button>
        {dtype === "string" && (
          <label>
            Strings as
            <select value={style} onChange={(event) => setStyle(event.currentTarget.value === "hex" ? "hex" : "text")}>
              <option value="text">text</option>
              <option value="hex">hex</option>
            </select>
          </label>
        )}
      </div>
      <Grid
        label="Elements"
        window={window}
        dtype={dtype}
        store={store}
        style={style}
        selection={now}
        onSelect={select}
        onCopy={() => copy("TSV")}
      />
      <p class="cell-status number" role="status">
        {said || (
          <>
            <span class="quiet">[{index.join(", ")}]</span> {cell === undefined ? "…" : cellText(cell, dtype, style)}
            {part.rows * part.columns > 1 && (
              <span class="quiet">
                {" "}
                {part.rows.toLocaleString("en")} × {part.columns.toLocaleString("en")} selected
              </span>
            )}
          </>
        )}
      </p>
      {isText && <WholeString key={`${index}`} id={id} entry={entry} index={index} style={styleOf(dtype, style)} />}
    </div>
  );
}

function inside(
  { row, column }: typeof CORNER,
  { rows, columns }: { readonly rows: number; readonly columns: number },
) {
  return { row: Math.min(row, rows - 1), column: Math.min(column, columns - 1) };
}

function isStrings(dtype: DType): boolean {
  return dtypeInfo(dtype).size === 0;
}

/** The messages of variants are no text. */
function styleOf(dtype: DType, style: StringStyle): StringStyle {
  return dtype === "string" ? style : "hex";
}
