import { expect, test } from "vitest";
import { type TrendPoint, trendAxis, trendCharts } from "../../src/model/compare/trend.js";

function point(step: number | undefined, mean?: number): TrendPoint {
  const counts = { elements: 1, nan: 2, positiveInfinity: 1, negativeInfinity: 3, zeros: 0 };
  const statistics =
    mean === undefined
      ? undefined
      : { ...counts, min: 5n, max: 7n, mean, deviation: 1, l1: 1, l2: 2, quantiles: [], histogram: [] };
  return { path: String(step), step, statistics, error: undefined, isDone: true };
}

test("the axis is the step, or the number of the checkpoint if some have no step, or the same", () => {
  expect(trendAxis([point(10), point(200)])).toEqual({ label: "step", values: [10, 200] });
  expect(trendAxis([point(10), point(undefined)])).toEqual({ label: "number", values: [1, 2] });
  expect(trendAxis([point(10), point(10)]).label).toBe("number");
});

test("a checkpoint that could not be read is a gap in every line", () => {
  const charts = trendCharts([point(1, 0.5), point(2), point(3, 0.75)]);
  for (const { lines } of charts) for (const { values } of lines) expect(values[1]).toBeNull();
  expect(charts[0]?.lines.map(({ label, values }) => [label, ...values])).toEqual([
    ["max", 7, null, 7],
    ["mean", 0.5, null, 0.75],
    ["min", 5, null, 5],
  ]);
  expect(charts.at(-1)?.lines.map(({ values }) => values[0])).toEqual([2, 4]);
});
