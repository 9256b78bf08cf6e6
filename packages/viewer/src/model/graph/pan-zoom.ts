import type { Point } from "./layout.js";

/** What of a drawing is seen. */
export interface View {
  /** The point in the middle. */
  readonly center: Point;
  /** Pixels for each unit of the drawing. */
  readonly scale: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Scale from which text can be read. */
const READABLE = 0.8;
const MIN_SCALE = 0.05;
const MAX_SCALE = 3;

/** Shows all of a drawing, not enlarged. */
export function fitAll({ width, height }: Size, window: Size): View {
  const scale = Math.min(window.width / width, window.height / height, 1);
  return { center: { x: width / 2, y: height / 2 }, scale: clamp(scale) };
}

/** Shows all of a drawing if its text can be read then, and otherwise what is around a point. */
export function firstView(drawing: Size, window: Size, point: Point): View {
  const all = fitAll(drawing, window);
  return all.scale >= READABLE ? all : { center: point, scale: READABLE };
}

/**
 * Zooms.
 *
 * @param fixed - the point that stays where it is. Default: the one in the middle
 */
export function zoomBy({ center, scale }: View, factor: number, fixed: Point = center): View {
  const next = clamp(scale * factor);
  const share = scale / next;
  return {
    center: { x: fixed.x + (center.x - fixed.x) * share, y: fixed.y + (center.y - fixed.y) * share },
    scale: next,
  };
}

/** Moves what is seen by some pixels. */
export function panBy({ center, scale }: View, dx: number, dy: number): View {
  return { center: { x: center.x - dx / scale, y: center.y - dy / scale }, scale };
}

/** Moves as little as is needed to show a box around a point. */
export function reveal(view: View, window: Size, point: Point, box: Size): View {
  const { center, scale } = view;
  const half = { x: window.width / scale / 2 - box.width / 2, y: window.height / scale / 2 - box.height / 2 };
  const near = (middle: number, value: number, room: number) =>
    room <= 0 ? value : Math.min(Math.max(middle, value - room), value + room);
  return { center: { x: near(center.x, point.x, half.x), y: near(center.y, point.y, half.y) }, scale };
}

/** Returns the part of a drawing that is seen, as the `viewBox` of an SVG. */
export function viewBoxOf({ center, scale }: View, window: Size): string {
  const [width, height] = [window.width / scale, window.height / scale];
  return [center.x - width / 2, center.y - height / 2, width, height].map((value) => value.toFixed(2)).join(" ");
}

function clamp(scale: number): number {
  return Math.min(Math.max(scale, MIN_SCALE), MAX_SCALE);
}
