import type { ColorScale, PaletteName } from "../../../model/pictures/palette.js";
import { ColorBar } from "../../../ui/chart/color-bar.js";

interface ColorLegendProps {
  readonly scale: ColorScale;
  readonly onPalette: (palette: PaletteName) => void;
}

/** Shows which number has which color, and picks the palette. */
export function ColorLegend({ scale, onPalette }: ColorLegendProps) {
  return (
    <div class="toolbar legend">
      <label>
        Palette
        <select
          value={scale.palette}
          onChange={(event) => onPalette(event.currentTarget.value === "diverging" ? "diverging" : "sequential")}
        >
          <option value="diverging">around zero</option>
          <option value="sequential">from least to greatest</option>
        </select>
      </label>
      <ColorBar scale={scale} />
    </div>
  );
}
