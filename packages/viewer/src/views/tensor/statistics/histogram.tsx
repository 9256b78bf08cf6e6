import { shortNumber } from "@tfsaver/checkpoint-tools/printing";
import { useMemo } from "preact/hooks";
import { stepsOf } from "../../../model/compare/histogram.js";
import type { Interval } from "../../../model/pictures/intervals.js";
import { Chart } from "../../../ui/chart/chart.js";
import { ScrollBox } from "../../../ui/scroll-box.js";

interface HistogramProps {
  readonly intervals: readonly Interval[];
  readonly log: boolean;
}

/** Shows a histogram as a picture, and its numbers as a table. */
export function Histogram({ intervals, log }: HistogramProps) {
  const data = useMemo(() => {
    const edges = intervals.map(({ from }) => from);
    const counts = intervals.map(({ count }) => count);
    return {
      x: [...edges, intervals.at(-1)?.to ?? 0],
      lines: [{ label: "elements", color: "--accent" as const, values: stepsOf(counts) }],
    };
  }, [intervals]);
  return (
    <figure class="histogram">
      <Chart
        label="Histogram. Its numbers are in the table below."
        xLabel="from"
        {...data}
        steps
        log={log}
        height={260}
        format={shortNumber}
      />
      <details>
        <summary>Histogram as a table</summary>
        <ScrollBox label="Histogram">
          <table class="number">
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col">Elements</th>
              </tr>
            </thead>
            <tbody>
              {intervals.map(({ from, to, count }) => (
                <tr key={from}>
                  <th scope="row">{shortNumber(from)}</th>
                  <td>{shortNumber(to)}</td>
                  <td>{count.toLocaleString("en")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      </details>
    </figure>
  );
}
