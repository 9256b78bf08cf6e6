import { formatElement, type Statistics } from "@tfsaver/checkpoint-tools";
import { formatBytes } from "@tfsaver/checkpoint-tools/printing";
import type { DType } from "@tfsaver/core";
import { useEffect, useMemo } from "preact/hooks";
import { useApp } from "../../../app/context.js";
import { useWork } from "../../../app/use-work.js";
import { intervalsOf } from "../../../model/pictures/intervals.js";
import { Problem } from "../../../ui/problem.js";
import { Working } from "../../../ui/working.js";
import type { ShownTensor } from "../shown-tensor.js";
import { Histogram } from "./histogram.js";

/** Number of intervals of the histogram. */
const INTERVALS = 64;
/** Bytes up to which statistics are computed without being asked for (64 MiB). */
const AT_ONCE_BYTES = 64 << 20;

/** Shows statistics of a whole tensor: a histogram and a table. */
export function StatisticsView({ shown }: { readonly shown: ShownTensor }) {
  const app = useApp();
  const { engine } = app;
  const { id, entry } = shown;
  const { name, dtype, size } = entry;
  const log = app.address.value.params.scale === "log";
  const work = useWork((options) => engine.statistics({ id, name, intervals: INTERVALS }, options));
  const isAtOnce = size <= AT_ONCE_BYTES;
  useEffect(() => {
    if (isAtOnce) work.start();
  }, []);
  const { value, error, progress, running } = work;
  const intervals = useMemo(() => (value === undefined ? [] : intervalsOf(value)), [value]);
  useEffect(() => shown.onRead(error ?? (value && true)), [value, error]);
  if (running) return <Working what="Computing statistics" progress={progress} onStop={work.stop} />;
  if (error !== undefined) {
    const messages = ["Statistics are computed of whole tensors, whose checksums match."];
    return shown.unverified ? <Problem title="No statistics" messages={messages} /> : null;
  }
  if (value === undefined) {
    return (
      <p>
        <button type="button" class="primary" onClick={work.start}>
          Compute statistics
        </button>{" "}
        <span class="quiet">This reads all of the tensor: {formatBytes(size)}.</span>
      </p>
    );
  }
  return (
    <div class="statistics">
      <div class="statistics-picture">
        <label class="choice">
          <input
            type="checkbox"
            checked={log}
            onChange={({ currentTarget }) =>
              app.setParams({ scale: currentTarget.checked ? "log" : undefined }, { replace: true })
            }
          />
          Logarithmic counts
        </label>
        {intervals.length === 0 ? (
          <p class="quiet">No element is finite.</p>
        ) : (
          <Histogram intervals={intervals} log={log} />
        )}
      </div>
      <table class="number facts-table" aria-label="Statistics">
        <tbody>
          {rowsOf(value, dtype).map(([label, text, isBad]) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td class={isBad ? "bad" : ""}>{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Row = readonly [label: string, text: string, isBad?: boolean];

function rowsOf(statistics: Statistics, dtype: DType): readonly Row[] {
  const { elements, nan, positiveInfinity, negativeInfinity, zeros, min, max, mean, deviation, l2, quantiles } =
    statistics;
  const count = (value: number) => value.toLocaleString("en");
  const share = elements === 0 ? "" : ` (${((100 * zeros) / elements).toFixed(zeros === 0 ? 0 : 1)} %)`;
  const exact = (value: number | bigint | undefined) =>
    value === undefined ? "none" : dtype.startsWith("complex") ? computed(Number(value)) : formatElement(value, dtype);
  const isComplex = dtype.startsWith("complex");
  const of = isComplex ? " magnitude" : "";
  return [
    ["Elements", count(elements)],
    ["NaN", count(nan), nan > 0],
    ["+Infinity", count(positiveInfinity), positiveInfinity > 0],
    ["−Infinity", count(negativeInfinity), negativeInfinity > 0],
    ["Zeros", count(zeros) + share],
    [`Least${of}`, exact(min)],
    ...quantiles.map(
      ({ share: at, value }): Row => [at === 0.5 ? "Median" : `${100 * at} % quantile`, computed(value)],
    ),
    [`Greatest${of}`, exact(max)],
    [`Mean${of}`, computed(mean)],
    ["Deviation", computed(deviation)],
    ["L2 norm", computed(l2)],
  ];
}

function computed(value: number | undefined): string {
  return value === undefined ? "none" : String(Number(value.toPrecision(7)));
}
