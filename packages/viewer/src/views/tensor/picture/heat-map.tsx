import { formatElement } from "@tfsaver/checkpoint-tools";
import { formatBytes, shortNumber } from "@tfsaver/checkpoint-tools/printing";
import { type DType, dtypeInfo } from "@tfsaver/core";
import { useEffect, useMemo, useState } from "preact/hooks";
import { useApp } from "../../../app/context.js";
import { useResource } from "../../../app/use-resource.js";
import { type PaletteName, scaleOf } from "../../../model/pictures/palette.js";
import { columnCount, firstColumn, firstRow, rowCount, type TensorWindow } from "../../../model/tensor/window.js";
import { Working } from "../../../ui/working.js";
import type { Picture } from "../../../worker/handlers/picture.js";
import type { ShownTensor } from "../shown-tensor.js";
import { CoarseTable, rangeText } from "./coarse-table.js";
import { ColorLegend } from "./color-legend.js";
import { MatrixCanvas, type PictureCell } from "./matrix-canvas.js";

/** The largest numbers of cells. */
const MAX = { rows: 480, columns: 720 } as const;

interface HeatMapProps {
  readonly shown: ShownTensor;
  readonly window: TensorWindow;
}

/** Shows a window of a tensor as a picture: a color for each element, or for the mean of some. */
export function HeatMap({ shown, window }: HeatMapProps) {
  const app = useApp();
  const { id, entry, unverified } = shown;
  const { name, dtype } = entry;
  const [all, setAll] = useState(false);
  const [palette, setPalette] = useState<PaletteName | undefined>(undefined);
  const [cell, setCell] = useState<PictureCell>({ row: 0, column: 0 });
  const { value, error, progress, running, stop } = useResource(
    `${id} ${name} ${JSON.stringify(window)} ${all} ${unverified}`,
    (options) =>
      app.engine.picture({ id, name, window, maxRows: MAX.rows, maxColumns: MAX.columns, all, unverified }, options),
  );
  useEffect(() => shown.onRead(error ?? value?.verified), [value, error]);
  const scale = useMemo(() => (value === undefined ? undefined : scaleOf(value.values, { palette })), [value, palette]);
  if (error !== undefined) return null;
  if (running) {
    const onStop = () => {
      stop();
      setAll(false);
    };
    return <Working what="Making the picture" progress={progress} onStop={onStop} />;
  }
  if (value === undefined || scale === undefined) return null;
  const { rows, columns, values, sampled } = value;
  const [height, width] = [rows.starts.length, columns.starts.length];
  const at = { row: Math.min(cell.row, height - 1), column: Math.min(cell.column, width - 1) };
  const bytes = rowCount(window) * columnCount(window) * dtypeInfo(dtype).size;
  const readAll = async () => {
    await app.askFirst.mayRead(bytes, `Read all of this slice of ${name}`);
    setAll(true);
  };
  return (
    <div class="heat-map">
      <ColorLegend scale={scale} onPalette={setPalette} />
      {sampled && (
        <p>
          <span class="quiet">A sample: not all elements were read. </span>
          <button type="button" onClick={() => readAll().catch(() => undefined)}>
            Read all, {formatBytes(bytes)}
          </button>
        </p>
      )}
      <MatrixCanvas
        label="Heat map"
        values={values}
        rows={height}
        columns={width}
        scale={scale}
        cell={at}
        onCell={setCell}
      />
      <p class="cell-status number" role="status">
        {cellLine(value, window, at, dtype)}
      </p>
      <CoarseTable picture={value} firstRow={firstRow(window)} firstColumn={firstColumn(window)} />
    </div>
  );
}

/** Says what a cell shows: the value of one element, or the mean of some. */
function cellLine(
  { rows, columns, values }: Picture,
  window: TensorWindow,
  { row, column }: PictureCell,
  dtype: DType,
) {
  const value = values[row * columns.starts.length + column] as number;
  const [top, bottom] = [rows.starts[row] as number, rows.ends[row] as number];
  const [left, right] = [columns.starts[column] as number, columns.ends[column] as number];
  const where = `row ${rangeText(top, bottom, firstRow(window))}, column ${rangeText(left, right, firstColumn(window))}`;
  if ((bottom - top) * (right - left) > 1) return `${where}: mean ${shortNumber(value)}`;
  return `${where}: ${dtype.startsWith("complex") ? `magnitude ${shortNumber(value)}` : formatElement(value, dtype)}`;
}
