import { isCheckpointError, numElements } from "@tfsaver/core";
import { useState } from "preact/hooks";
import { useApp } from "../../app/context.js";
import { isReadInParts } from "../../model/tensor/read-in-parts.js";
import { tableOf } from "../../model/tensor/vocabulary.js";
import { formatWindow, parseWindow, type TensorWindow } from "../../model/tensor/window.js";
import type { Catalog, CatalogEntry } from "../../model/tensors/catalog.js";
import { Problem } from "../../ui/problem.js";
import { Tabs } from "../../ui/tabs.js";
import { type ChecksumState, Head } from "./head.js";
import { Axes } from "./numbers/axes.js";
import { Numbers } from "./numbers/numbers.js";
import { HeatMap } from "./picture/heat-map.js";
import { Kernels } from "./picture/kernels.js";
import { ReadFirst } from "./read-first.js";
import type { ShownTensor } from "./shown-tensor.js";
import { StatisticsView } from "./statistics/statistics-view.js";
import { shownTab, type TensorTab, tabsOf } from "./tabs.js";
import css from "./tensor.css?inline";
import { VocabularyView } from "./vocabulary-view.js";

export const styles = css;

interface TensorViewProps {
  readonly catalog: Catalog;
  readonly entry: CatalogEntry;
  /** True if the verification of the whole checkpoint has found damage in it. */
  readonly damaged: boolean;
}

/** Shows a tensor: its facts, and in tabs its elements, statistics and pictures. */
export function TensorView({ catalog, entry, damaged }: TensorViewProps) {
  const app = useApp();
  const { params } = app.address.value;
  const { shape } = entry;
  const [checksum, setChecksum] = useState<ChecksumState>("unknown");
  const [error, setError] = useState<Error | undefined>(undefined);
  const [unverified, setUnverified] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const { window, problem } = parseWindow(shape, { slice: params.slice, axes: params.axes });
  const shown: ShownTensor = {
    id: catalog.id,
    entry,
    inParts: isReadInParts(entry),
    unverified,
    onRead: (result) => {
      if (result === true) setChecksum("verified");
      if (!(result instanceof Error)) return;
      setError(result);
      if (isCheckpointError(result, "DataLossError")) setChecksum("damaged");
    },
  };
  const onWindow = (next: TensorWindow) => app.setParams({ ...NO_WINDOW, ...formatWindow(next) }, { replace: true });
  const tabs = tabsOf(catalog, entry);
  const tab = shownTab(tabs, params.tab);
  const canShowAnyway = error !== undefined && !unverified && entry.inParts && entry.hasChecksum;
  const isFailed = error !== undefined && !unverified;
  return (
    <section class="tensor" aria-label="Tensor">
      <Head
        shown={shown}
        checksum={damaged ? "damaged" : entry.hasChecksum || checksum === "damaged" ? checksum : "none"}
      />
      {error && (
        <Problem
          title={checksum === "damaged" ? "This tensor is damaged" : "This tensor can't be read"}
          messages={[error.message]}
        />
      )}
      {isFailed && (
        <div class="toolbar">
          {canShowAnyway && (
            <button type="button" onClick={() => setUnverified(true)}>
              Show what is stored, without verifying it
            </button>
          )}
          <button
            type="button"
            onClick={() => {
              setError(undefined);
              setAttempt(attempt + 1);
            }}
          >
            Try again
          </button>
        </div>
      )}
      {numElements(shape) === 0 && <p class="quiet">This tensor has no elements.</p>}
      {!isFailed && numElements(shape) > 0 && (
        <>
          <Tabs
            label="Tensor"
            tabs={tabs}
            selected={tab.value}
            onSelect={(next) => app.setParams({ tab: next === tabs[0]?.value ? undefined : next })}
          />
          {tab.hasAxes && shape.length > 1 && (
            <Axes
              window={window}
              problem={problem}
              onChange={onWindow}
              onSlice={(slice) => app.setParams({ ...NO_WINDOW, slice })}
            />
          )}
          <div class="tab-panel" role="tabpanel" aria-label={tab.text} key={attempt}>
            <ReadFirst shown={shown} asks={tab.value !== "statistics"}>
              <TabPanel tab={tab.value} catalog={catalog} shown={shown} window={window} onWindow={onWindow} />
            </ReadFirst>
          </div>
        </>
      )}
    </section>
  );
}

const NO_WINDOW = { slice: undefined, axes: undefined };

interface TabPanelProps {
  readonly tab: TensorTab["value"];
  readonly catalog: Catalog;
  readonly shown: ShownTensor;
  readonly window: TensorWindow;
  readonly onWindow: (window: TensorWindow) => void;
}

function TabPanel({ tab, catalog, shown, window, onWindow }: TabPanelProps) {
  const table = tableOf(catalog, shown.entry.name);
  switch (tab) {
    case "numbers":
      return <Numbers shown={shown} window={window} onWindow={onWindow} />;
    case "statistics":
      return <StatisticsView shown={shown} />;
    case "picture":
      return <HeatMap shown={shown} window={window} />;
    case "kernels":
      return <Kernels shown={shown} />;
    case "table":
      return table && <VocabularyView shown={shown} table={table} count={shown.entry.shape[0] ?? 0} />;
  }
}
