type Color = readonly [red: number, green: number, blue: number];

/** Colors of the largest negative difference, of none, of the largest positive one, and of NaN: blue and orange tell most eyes apart. */
const LESS: Color = [33, 102, 172];
const NONE: Color = [247, 247, 247];
const MORE: Color = [217, 95, 2];
const NAN: Color = [120, 0, 120];

/** Returns the largest magnitude of the finite numbers; 0 if there are none. */
export function largestMagnitude(cells: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < cells.length; i++) {
    const magnitude = Math.abs(cells[i] as number);
    if (magnitude > largest && magnitude < Number.POSITIVE_INFINITY) largest = magnitude;
  }
  return largest;
}

/**
 * Returns the pixels of a matrix of differences, four bytes each.
 *
 * @param largest - the magnitude that gets the full color
 */
export function pixelsOf(cells: ArrayLike<number>, largest: number): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * cells.length);
  for (let i = 0; i < cells.length; i++) {
    const color = colorOf(cells[i] as number, largest);
    pixels.set(color, 4 * i);
    pixels[4 * i + 3] = 255;
  }
  return pixels;
}

function colorOf(value: number, largest: number): Color {
  if (Number.isNaN(value)) return NAN;
  if (value === 0) return NONE;
  // The root shows small differences beside large ones.
  const share = Math.sqrt(Math.min(Math.abs(value) / largest, 1));
  const end = value < 0 ? LESS : MORE;
  return [mix(NONE[0], end[0], share), mix(NONE[1], end[1], share), mix(NONE[2], end[2], share)];
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
