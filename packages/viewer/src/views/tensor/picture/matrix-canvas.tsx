import { useLayoutEffect, useRef } from "preact/hooks";
import { type ColorScale, pixelsOf } from "../../../model/pictures/palette.js";

/** A cell of a picture. */
export interface PictureCell {
  readonly row: number;
  readonly column: number;
}

interface MatrixCanvasProps {
  readonly label: string;
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
  readonly scale: ColorScale;
  readonly cell: PictureCell;
  readonly onCell: (cell: PictureCell) => void;
}

/** The largest size of a picture in pixels, and of one cell. */
const MAX = { width: 720, height: 480, cell: 28 } as const;

/** Draws a matrix, a cell for each value. The pointer and the arrow keys choose a cell. */
export function MatrixCanvas({ label, values, rows, columns, scale, cell, onCell }: MatrixCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (rows * columns === 0) return;
    canvas.current?.getContext("2d")?.putImageData(new ImageData(pixelsOf(values, scale), columns, rows), 0, 0);
  }, [values, rows, columns, scale]);
  const inside = (row: number, column: number): PictureCell => ({
    row: Math.min(Math.max(row, 0), rows - 1),
    column: Math.min(Math.max(column, 0), columns - 1),
  });
  const onPointer = (event: PointerEvent) => {
    const area = canvas.current?.getBoundingClientRect();
    if (area === undefined) return;
    const row = Math.floor(((event.clientY - area.top) / area.height) * rows);
    onCell(inside(row, Math.floor(((event.clientX - area.left) / area.width) * columns)));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const far = event.shiftKey ? 10 : 1;
    const step = {
      ArrowUp: [-far, 0],
      ArrowDown: [far, 0],
      ArrowLeft: [0, -far],
      ArrowRight: [0, far],
      Home: [0, -columns],
      End: [0, columns],
    }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    onCell(inside(cell.row + (step[0] as number), cell.column + (step[1] as number)));
  };
  const sizeOf = (count: number, max: number) => count * Math.min(Math.max(Math.floor(max / count), 1), MAX.cell);
  return (
    <div
      ref={box}
      class="picture-box"
      role="group"
      aria-label={`${label}. Arrow keys choose a cell.`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move through the picture
      tabIndex={0}
      style={{ width: `${sizeOf(columns, MAX.width)}px`, height: `${sizeOf(rows, MAX.height)}px` }}
      onPointerMove={onPointer}
      onPointerDown={onPointer}
      onKeyDown={onKeyDown}
    >
      <canvas ref={canvas} width={columns} height={rows} aria-hidden />
      <div
        class="picture-mark"
        style={{
          left: `${(100 * cell.column) / columns}%`,
          top: `${(100 * cell.row) / rows}%`,
          width: `${100 / columns}%`,
          height: `${100 / rows}%`,
        }}
      />
    </div>
  );
}
