import { shortNumber } from "@tfsaver/checkpoint-tools/printing";
import { useMemo } from "preact/hooks";
import { useApp } from "../../../app/context.js";
import { edgesOf, stepsOf } from "../../../model/compare/histogram.js";
import { Chart } from "../../../ui/chart/chart.js";
import type { PairComparison } from "../../../worker/handlers/compare/compare.js";

/** Shows the histograms of two tensors over each other, and that of their difference. */
export function PairCharts({ comparison }: { readonly comparison: PairComparison }) {
  const app = useApp();
  const log = app.address.value.params.scale === "log";
  const { histogram, differenceHistogram } = comparison;
  const values = useMemo(
    () =>
      histogram && {
        x: edgesOf(histogram.min, histogram.max, histogram.counts[0].length),
        lines: [
          { label: "before", color: "--before" as const, values: stepsOf(histogram.counts[0]) },
          { label: "after", color: "--after" as const, values: stepsOf(histogram.counts[1]) },
        ],
      },
    [histogram],
  );
  const differences = useMemo(
    () =>
      differenceHistogram && {
        x: edgesOf(-differenceHistogram.max, differenceHistogram.max, differenceHistogram.counts.length),
        lines: [{ label: "count", color: "--after" as const, values: stepsOf(differenceHistogram.counts) }],
      },
    [differenceHistogram],
  );
  if (values === undefined) return null;
  return (
    <>
      <div class="chart-head">
        <h3>Histograms</h3>
        <label>
          <input
            type="checkbox"
            checked={log}
            onChange={({ currentTarget }) =>
              app.setParams({ scale: currentTarget.checked ? "log" : undefined }, { replace: true })
            }
          />{" "}
          Log scale
        </label>
      </div>
      <Chart
        label="Histograms of the values before and after"
        xLabel="value"
        {...values}
        steps
        log={log}
        format={shortNumber}
      />
      {differences && (
        <>
          <h3>Differences, after − before</h3>
          <Chart
            label="Histogram of the differences"
            xLabel="difference"
            {...differences}
            steps
            log={log}
            format={shortNumber}
          />
        </>
      )}
    </>
  );
}
