import type { FoundCheckpoint } from "../worker/find/found-checkpoint.js";

/** Metrics that are shown at most. */
const MAX_METRICS = 6;
/** Folders that are drawn at most. */
const MAX_TRACKS = 8;

/** Returns the names of the metrics that checkpoints have, in the order in which they first appear. */
export function metricNames(checkpoints: readonly Pick<FoundCheckpoint, "metrics">[]): string[] {
  return [...new Set(checkpoints.flatMap(({ metrics }) => Object.keys(metrics)))].slice(0, MAX_METRICS);
}

/** What a timeline goes by. */
export type TimelineAxis = "step" | "time";

/** A checkpoint in the picture of a timeline. */
export interface TimelinePoint {
  readonly checkpoint: FoundCheckpoint;
  /** From 0 at the start to 1 at the end. */
  readonly place: number;
}

/** The checkpoints of one folder. */
interface TimelineTrack {
  readonly folder: string;
  readonly points: readonly TimelinePoint[];
}

/** A metric of the checkpoints of one folder, as lines: values that are no finite numbers leave gaps. */
export interface MetricLine {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** Points of each line. Both numbers are from 0 to 1; the second is 0 at the lowest value. */
  readonly lines: readonly (readonly (readonly [place: number, height: number])[])[];
}

/** Checkpoints as points on a line. */
export interface TimelinePicture {
  /** The step or time at the start and at the end. */
  readonly low: number;
  readonly high: number;
  readonly tracks: readonly TimelineTrack[];
  /** Number of folders that are not drawn. */
  readonly moreTracks: number;
  readonly metrics: readonly MetricLine[];
}

/** Returns what a timeline can go by: at least two checkpoints must differ in it. */
export function timelineAxes(checkpoints: readonly FoundCheckpoint[]): TimelineAxis[] {
  return (["step", "time"] as const).filter((axis) => {
    return new Set(checkpoints.map((one) => positionOf(one, axis)).filter(isFiniteNumber)).size > 1;
  });
}

/**
 * Places checkpoints on a line by step or time. Those without one are left out.
 *
 * @param folder - the one whose metrics are drawn
 */
export function timelinePicture(
  checkpoints: readonly FoundCheckpoint[],
  axis: TimelineAxis,
  folder: string,
): TimelinePicture {
  const placed = checkpoints.filter((one) => isFiniteNumber(positionOf(one, axis)));
  const values = placed.map((one) => positionOf(one, axis) as number);
  const range = rangeOf(values);
  const points = placed.map((checkpoint, i) => ({ checkpoint, place: shareOf(values[i] as number, range) }));
  const folders = [...new Set(placed.map((one) => one.folder))];
  const tracks = folders.slice(0, MAX_TRACKS).map((name) => ({
    folder: name,
    points: points.filter(({ checkpoint }) => checkpoint.folder === name),
  }));
  const own = points.filter(({ checkpoint }) => checkpoint.folder === folder).sort((a, b) => a.place - b.place);
  return {
    ...range,
    tracks,
    moreTracks: folders.length - tracks.length,
    metrics: metricNames(own.map(({ checkpoint }) => checkpoint)).map((name) => metricLine(name, own)),
  };
}

function metricLine(name: string, points: readonly TimelinePoint[]): MetricLine {
  const values = points.map(({ checkpoint }) => checkpoint.metrics[name]);
  const range = rangeOf(values.filter(isFiniteNumber));
  const lines: (readonly [number, number])[][] = [[]];
  for (const [i, value] of values.entries()) {
    if (isFiniteNumber(value)) lines.at(-1)?.push([(points[i] as TimelinePoint).place, shareOf(value, range)]);
    else if (value !== undefined) lines.push([]);
  }
  return { name, ...range, lines: lines.filter(({ length }) => length > 0) };
}

interface Range {
  readonly low: number;
  readonly high: number;
}

function rangeOf(values: readonly number[]): Range {
  const [first = 0] = values;
  const widest = { low: first, high: first };
  for (const value of values) {
    widest.low = Math.min(widest.low, value);
    widest.high = Math.max(widest.high, value);
  }
  return widest;
}

/** Returns where a value lies in a range, from 0 to 1. */
function shareOf(value: number, { low, high }: Range): number {
  // Halves, because the difference may be more than the greatest number.
  return high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.5;
}

function positionOf({ step, modifiedMs }: FoundCheckpoint, axis: TimelineAxis): number | undefined {
  return axis === "step" ? step : modifiedMs;
}

function isFiniteNumber(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value);
}
