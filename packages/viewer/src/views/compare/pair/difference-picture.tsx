import { shortNumber } from "@tfsaver/checkpoint-tools/printing";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { pixelsOf, scaleOf } from "../../../model/pictures/palette.js";
import { ColorBar } from "../../../ui/chart/color-bar.js";
import type { DifferencePicture } from "../../../worker/handlers/compare/difference-map.js";

/** Shows where two matrices differ. */
export function DifferencePictureView({ picture }: { readonly picture: DifferencePicture }) {
  const element = useRef<HTMLCanvasElement>(null);
  const { matrix, rows, columns, cells } = picture;
  const [height, width] = matrix;
  const scale = useMemo(() => scaleOf(cells, { palette: "diverging", byRoot: true }), [cells]);
  useLayoutEffect(() => {
    const { current } = element;
    const context = current?.getContext("2d");
    if (current === null || !context || cells.length === 0) return;
    context.putImageData(new ImageData(pixelsOf(cells, scale), columns, rows), 0, 0);
  }, [cells, columns, rows, scale]);
  if (cells.length === 0) return null;
  const isReduced = rows < height || columns < width;
  const label = `Differences of ${height} rows and ${width} columns, up to ${shortNumber(scale.high)}`;
  return (
    <>
      <h3>Where they differ</h3>
      <canvas class="picture" ref={element} width={columns} height={rows} role="img" aria-label={label} />
      <p class="quiet number">
        {height.toLocaleString("en")} rows × {width.toLocaleString("en")} columns.
        {isReduced && " Each pixel shows the largest difference of its cells."}
      </p>
      <div class="toolbar">
        <ColorBar scale={scale} />
      </div>
    </>
  );
}
