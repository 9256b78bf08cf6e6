import { shortNumber } from "@tfsaver/checkpoint-tools/printing";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type ColorScale, NAN_COLOR, type PaletteName, pixelsOf } from "../../../model/pictures/palette.js";

/** Number of colors in the legend. */
const STEPS = 128;

interface ColorLegendProps {
  readonly scale: ColorScale;
  readonly onPalette: (palette: PaletteName) => void;
}

/** Shows which number has which color, and picks the palette. */
export function ColorLegend({ scale, onPalette }: ColorLegendProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { palette, low, high } = scale;
  useLayoutEffect(() => {
    const values = Float64Array.from({ length: STEPS }, (_, i) => i / (STEPS - 1));
    const pixels = pixelsOf(values, { palette, low: 0, high: 1 });
    canvas.current?.getContext("2d")?.putImageData(new ImageData(pixels, STEPS, 1), 0, 0);
  }, [palette]);
  return (
    <div class="toolbar legend">
      <label>
        Palette
        <select
          value={palette}
          onChange={(event) => onPalette(event.currentTarget.value === "diverging" ? "diverging" : "sequential")}
        >
          <option value="diverging">around zero</option>
          <option value="sequential">from least to greatest</option>
        </select>
      </label>
      <span class="legend-scale number">
        {shortNumber(low)}
        <canvas ref={canvas} width={STEPS} height={1} aria-hidden />
        {shortNumber(high)}
      </span>
      <span class="legend-scale">
        <span class="swatch" style={{ background: `rgb(${NAN_COLOR.join(" ")})` }} /> NaN
      </span>
    </div>
  );
}
