/** A color as red, green and blue, each from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

export type PaletteName = "diverging" | "sequential";

/** From blue over white to orange, and from dark to bright (viridis): both can be told apart with any kind of color blindness. */
const STOPS: Readonly<Record<PaletteName, readonly Rgb[]>> = {
  diverging: [
    [5, 48, 97],
    [33, 102, 172],
    [103, 169, 207],
    [209, 229, 240],
    [247, 247, 247],
    [253, 224, 190],
    [241, 163, 64],
    [179, 88, 6],
    [103, 45, 2],
  ],
  sequential: [
    [68, 1, 84],
    [71, 44, 122],
    [59, 81, 139],
    [44, 113, 142],
    [33, 144, 141],
    [39, 173, 129],
    [92, 200, 99],
    [170, 220, 50],
    [253, 231, 37],
  ],
};

/** Color of NaN, which no palette has. */
export const NAN_COLOR: Rgb = [255, 0, 200];

/** The numbers that the ends of a palette stand for. */
export interface ColorScale {
  readonly palette: PaletteName;
  readonly low: number;
  readonly high: number;
  /** True to tell small numbers from zero beside large ones: colors go by the root of the distance from the middle. */
  readonly byRoot: boolean;
}

/** Options of {@link scaleOf}. */
export interface ScaleOptions {
  /** Default: the one that fits the values. */
  readonly palette?: PaletteName | undefined;
  /** See {@link ColorScale.byRoot}. Default: false. */
  readonly byRoot?: boolean;
}

/** Returns the scale of some values: around 0 if they lie on both sides of it, unless a palette is given. */
export function scaleOf(values: ArrayLike<number>, { palette, byRoot = false }: ScaleOptions = {}): ColorScale {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) [low, high] = [0, 0];
  const chosen = palette ?? (low < 0 && high > 0 ? "diverging" : "sequential");
  if (chosen === "sequential") return { palette: chosen, low, high, byRoot };
  const most = Math.max(Math.abs(low), Math.abs(high));
  return { palette: chosen, low: -most, high: most, byRoot };
}

/** Returns the color of a value. Infinities have that of the ends. */
export function colorOf(value: number, { palette, low, high, byRoot }: ColorScale): Rgb {
  if (Number.isNaN(value)) return NAN_COLOR;
  const stops = STOPS[palette];
  // Halves, because the difference may be more than the greatest number.
  const linear = high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.5;
  const share = Math.min(Math.max(linear, 0), 1);
  const place = (byRoot ? rootAroundMiddle(share) : share) * (stops.length - 1);
  const at = Math.min(Math.floor(place), stops.length - 2);
  const [from, to] = [stops[at] as Rgb, stops[at + 1] as Rgb];
  const mix = (i: 0 | 1 | 2) => Math.round(from[i] + (to[i] - from[i]) * (place - at));
  return [mix(0), mix(1), mix(2)];
}

function rootAroundMiddle(share: number): number {
  const distance = 2 * share - 1;
  return (1 + Math.sign(distance) * Math.sqrt(Math.abs(distance))) / 2;
}

/** Returns the pixels of a matrix, row by row, as a canvas takes them. */
export function pixelsOf(values: ArrayLike<number>, scale: ColorScale): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * values.length);
  for (let i = 0; i < values.length; i++) {
    const [red, green, blue] = colorOf(values[i] as number, scale);
    pixels.set([red, green, blue, 255], 4 * i);
  }
  return pixels;
}
