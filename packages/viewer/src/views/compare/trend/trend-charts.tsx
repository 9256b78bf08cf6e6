import { shortNumber } from "@tfsaver/checkpoint-tools/printing";
import { useMemo } from "preact/hooks";
import { type TrendPoint, trendAxis, trendCharts } from "../../../model/compare/trend.js";
import { Chart } from "../../../ui/chart/chart.js";

/** Colors of the lines of a chart, in their order. */
const COLORS = ["--after", "--text", "--before"] as const;

/** Draws the statistics of a tensor over the checkpoints. */
export function TrendCharts({ points }: { readonly points: readonly TrendPoint[] }) {
  const charts = useMemo(() => {
    const axis = trendAxis(points);
    const drawn = trendCharts(points).map(({ title, lines }) => ({
      title,
      lines: lines.map((line, i) => ({ ...line, color: COLORS[i] ?? "--text" })),
    }));
    return { axis, drawn };
  }, [points]);
  return (
    <div class="trend-charts">
      {charts.drawn.map(({ title, lines }) => (
        <div key={title}>
          <h3>{title}</h3>
          <Chart
            label={`${title} by ${charts.axis.label}; the table has the numbers`}
            xLabel={charts.axis.label}
            x={charts.axis.values}
            lines={lines}
            height={140}
            group="trend"
            format={shortNumber}
          />
        </div>
      ))}
    </div>
  );
}
