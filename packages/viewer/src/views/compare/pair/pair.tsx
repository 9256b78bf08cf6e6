import { formatBytes } from "@tfsaver/checkpoint-tools/printing";
import { useState } from "preact/hooks";
import { useApp } from "../../../app/context.js";
import { useResource } from "../../../app/use-resource.js";
import { type ComparedRow, nameOf } from "../../../model/compare/comparison.js";
import type { Catalog, CatalogEntry } from "../../../model/tensors/catalog.js";
import { NameText } from "../../../ui/name-text.js";
import { Problem } from "../../../ui/problem.js";
import { Working } from "../../../ui/working.js";
import { CHANGE_TEXTS, kindOf } from "../compared-row.js";
import { DifferencePictureView } from "./difference-picture.js";
import { PairCharts } from "./pair-charts.js";
import { PairNumbers } from "./pair-numbers.js";

interface PairProps {
  readonly row: ComparedRow;
  readonly catalogs: readonly [before: Catalog, after: Catalog];
  readonly paths: readonly [before: string, after: string];
}

/** Shows how one tensor differs between two checkpoints. */
export function Pair({ row, catalogs, paths }: PairProps) {
  const { change, before, after } = row;
  const one = before === undefined ? undefined : catalogs[0].get(before);
  const other = after === undefined ? undefined : catalogs[1].get(after);
  return (
    <section class="page pair" aria-label="How the tensor differs">
      <h2>
        <NameText text={nameOf(row)} />
      </h2>
      <p>
        <span class={`change ${change}`}>{CHANGE_TEXTS[change]}</span>
        <span class="number">{kindOf(row, catalogs)}</span>
        {before !== undefined && after !== undefined && before !== after && (
          <>
            {" "}
            to <NameText text={after} />
          </>
        )}
      </p>
      {one !== undefined && other !== undefined ? (
        <BothTensors entries={[one, other]} ids={[catalogs[0].id, catalogs[1].id]} />
      ) : (
        <OneTensor entry={(one ?? other) as CatalogEntry} path={one === undefined ? paths[1] : paths[0]} />
      )}
    </section>
  );
}

function OneTensor({ entry, path }: { readonly entry: CatalogEntry; readonly path: string }) {
  const app = useApp();
  return (
    <>
      <p>
        Only <NameText text={path} /> has it.
      </p>
      <button type="button" onClick={() => app.go({ view: "tensors", checkpoint: path, tensor: entry.name })}>
        Show its numbers
      </button>
    </>
  );
}

interface BothTensorsProps {
  readonly entries: readonly [before: CatalogEntry, after: CatalogEntry];
  readonly ids: readonly [before: number, after: number];
}

function BothTensors({ entries, ids }: BothTensorsProps) {
  const { engine, askFirst } = useApp();
  const [attempt, setAttempt] = useState(0);
  const [one, other] = entries;
  const bytes = one.size + other.size;
  const pair = useResource(String(attempt), async (options) => {
    await askFirst.mayRead(bytes, "Compare the tensor in both checkpoints");
    const request = { before: { id: ids[0], name: one.name }, after: { id: ids[1], name: other.name } };
    return engine.comparePair(request, options);
  });
  const { value, error, progress, running, stop } = pair;
  if (running) return <Working what="Comparing" progress={progress} onStop={stop} />;
  if (error !== undefined) return <Problem title="These tensors can't be compared" messages={[error.message]} />;
  if (value === undefined) {
    return (
      <button type="button" onClick={() => setAttempt(attempt + 1)}>
        Compare, {formatBytes(bytes)}
      </button>
    );
  }
  return (
    <>
      <PairNumbers comparison={value} />
      <PairCharts comparison={value} />
      {value.picture && <DifferencePictureView picture={value.picture} />}
    </>
  );
}
