import { shortNumber } from "@tfsaver/checkpoint-tools/printing";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type ColorScale, NAN_COLOR, pixelsOf } from "../../model/pictures/palette.js";

/** Number of colors in the bar. */
const STEPS = 128;

/** Shows which number has which color. */
export function ColorBar({ scale }: { readonly scale: ColorScale }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { palette, low, high, byRoot } = scale;
  useLayoutEffect(() => {
    const values = Float64Array.from({ length: STEPS }, (_, i) => i / (STEPS - 1));
    const pixels = pixelsOf(values, { palette, low: 0, high: 1, byRoot });
    canvas.current?.getContext("2d")?.putImageData(new ImageData(pixels, STEPS, 1), 0, 0);
  }, [palette, byRoot]);
  return (
    <>
      <span class="color-bar number">
        {shortNumber(low)}
        <canvas ref={canvas} width={STEPS} height={1} aria-hidden />
        {shortNumber(high)}
      </span>
      <span class="color-bar">
        <span class="swatch" style={{ background: `rgb(${NAN_COLOR.join(" ")})` }} /> NaN
      </span>
    </>
  );
}
