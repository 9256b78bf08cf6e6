import type { Statistics } from "@tfsaver/checkpoint-tools";

/** The statistics of a tensor in one checkpoint of a folder. */
export interface TrendPoint {
  readonly path: string;
  readonly step: number | undefined;
  /** Undefined if there is no such tensor, it was not read yet, or it can't be read. */
  readonly statistics: Statistics | undefined;
  readonly error: Error | undefined;
  /** True if it was read, or tried. */
  readonly isDone: boolean;
}

/** A line: a number for each point, null where there is none. */
interface TrendLine {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

/** Lines over one axis. */
export interface TrendChart {
  readonly title: string;
  readonly lines: readonly TrendLine[];
}

/** Returns the steps of the points; if some have none, or the same, their numbers from 1. */
export function trendAxis(points: readonly TrendPoint[]): {
  readonly label: string;
  readonly values: readonly number[];
} {
  const steps = points.flatMap(({ step }) => (step === undefined ? [] : [step]));
  const areRising =
    steps.length === points.length && steps.every((step, i) => i === 0 || step > (steps[i - 1] as number));
  if (areRising) return { label: "step", values: steps };
  return { label: "number", values: points.map((_, i) => i + 1) };
}

/** Returns the charts of a trend: numbers of one size share an axis. */
export function trendCharts(points: readonly TrendPoint[]): readonly TrendChart[] {
  const line = (label: string, of: (statistics: Statistics) => number | bigint | undefined): TrendLine => ({
    label,
    values: points.map(({ statistics }) => {
      const value = statistics === undefined ? undefined : of(statistics);
      return value === undefined ? null : Number(value);
    }),
  });
  return [
    {
      title: "Values",
      lines: [line("max", ({ max }) => max), line("mean", ({ mean }) => mean), line("min", ({ min }) => min)],
    },
    { title: "Deviation", lines: [line("deviation", ({ deviation }) => deviation)] },
    { title: "Norm", lines: [line("norm", ({ l2 }) => l2)] },
    { title: "Not finite", lines: [line("NaN", ({ nan }) => nan), line("infinite", infinities)] },
  ];
}

/** Counts positive and negative infinities. */
export function infinities({ positiveInfinity, negativeInfinity }: Statistics): number {
  return positiveInfinity + negativeInfinity;
}
