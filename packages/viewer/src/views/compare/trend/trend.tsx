import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools/printing";
import { useApp } from "../../../app/context.js";
import type { CatalogEntry } from "../../../model/tensors/catalog.js";
import { NameText } from "../../../ui/name-text.js";
import type { ViewProps } from "../../view.js";
import { TensorPicker } from "./tensor-picker.js";
import { TrendCharts } from "./trend-charts.js";
import { TrendTable } from "./trend-table.js";
import { useTrend } from "./use-trend.js";

/** Shows how the statistics of a tensor change over the checkpoints of a folder. */
export function Trend(props: ViewProps) {
  const app = useApp();
  const { catalog, source, path } = props;
  const { tensor } = app.address.value;
  const entry = tensor === undefined ? undefined : catalog.get(tensor);
  return (
    <div class={`compare-columns of-trend ${entry === undefined ? "" : "has-tensor"}`}>
      <TensorPicker catalog={catalog} selected={tensor} />
      <div class="compare-side">
        {entry === undefined ? (
          <p class="page quiet">Select a tensor to see how it changes from step to step.</p>
        ) : (
          <>
            <button type="button" class="compare-back" onClick={() => app.go({ tensor: undefined })}>
              ← All tensors
            </button>
            <TrendOf key={`${source.id} ${path} ${entry.name}`} {...props} entry={entry} />
          </>
        )}
      </div>
    </div>
  );
}

function TrendOf({ source, path, entry }: ViewProps & { readonly entry: CatalogEntry }) {
  const { found } = source;
  const folder = found.checkpoints.find((one) => one.path === path)?.folder;
  const trend = useTrend(source, folder, entry);
  const { points, isRunning, done, bytes, start, stop } = trend;
  return (
    <section class="page" aria-label="Trend">
      <h2>
        <NameText text={entry.name} />
      </h2>
      <div class="trend-state" role="status">
        {isRunning ? (
          <>
            <progress max={points.length} value={done} aria-label="Reading checkpoints" />
            <span class="number">
              {done} of {formatCount(points.length, "checkpoint")}
            </span>
            <button type="button" onClick={stop}>
              Stop
            </button>
          </>
        ) : done < points.length ? (
          <button type="button" onClick={start}>
            Read {formatCount(points.length - done, "checkpoint")}, about {formatBytes(bytes)}
          </button>
        ) : (
          <span class="quiet number">{formatCount(points.length, "checkpoint")}</span>
        )}
      </div>
      <div class="trend">
        <TrendCharts points={points} />
        <TrendTable points={points} shown={path} />
      </div>
    </section>
  );
}
