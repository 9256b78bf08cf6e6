import { formatBytes } from "@tfsaver/checkpoint-tools/printing";
import { useApp } from "../../app/context.js";
import { useResource } from "../../app/use-resource.js";
import { nameOf } from "../../model/compare/comparison.js";
import type { Catalog } from "../../model/tensors/catalog.js";
import { Problem } from "../../ui/problem.js";
import { Working } from "../../ui/working.js";
import type { ViewProps } from "../view.js";
import { ComparedList } from "./compared-list.js";
import { ComparedPicker } from "./compared-picker.js";
import { type CheckpointOf, otherCheckpoint } from "./other-checkpoint.js";
import { Pair } from "./pair/pair.js";
import { useComparison } from "./use-comparison.js";

/** Compares the checkpoint that is shown with another. */
export function TwoCheckpoints(props: ViewProps) {
  const app = useApp();
  const after = { source: props.source, path: props.path };
  const before = otherCheckpoint(app, after);
  const opened = useResource(before && `${before.source.id} ${before.path}`, () =>
    app.open(before?.source.id ?? 0, before?.path ?? ""),
  );
  if (before === undefined) {
    return <p class="page">There is only one checkpoint here. Drop another one on this page to compare them.</p>;
  }
  return (
    <>
      <ComparedPicker before={before} after={after} />
      {opened.error && <Problem title={`${before.path} can't be opened`} messages={[opened.error.message]} />}
      {opened.running && <Working what={`Opening ${before.path}`} />}
      {opened.value && <Compared before={before} after={after} catalogs={[opened.value, props.catalog]} />}
    </>
  );
}

interface ComparedProps {
  readonly before: CheckpointOf;
  readonly after: CheckpointOf;
  readonly catalogs: readonly [before: Catalog, after: Catalog];
}

function Compared({ before, after, catalogs }: ComparedProps) {
  const app = useApp();
  const { tensor, params } = app.address.value;
  const [one, other] = catalogs;
  const comparison = useComparison(one, other, params.values === "yes");
  const { rows, bytes, hasValues, declared, values } = comparison;
  const selected = tensor === undefined ? undefined : rows.find((row) => nameOf(row) === tensor);
  const set = (yes: boolean) => app.setParams({ values: yes ? "yes" : undefined }, { replace: true });
  if (declared.error)
    return <Problem title="These checkpoints can't be compared" messages={[declared.error.message]} />;
  if (declared.running) return <Working what="Comparing names and shapes" onStop={declared.stop} />;
  return (
    <>
      <div class="compare-values">
        {values.running && <Working what="Comparing values" progress={values.progress} onStop={() => set(false)} />}
        {values.error && <Problem title="The values can't be compared" messages={[values.error.message]} />}
        {!hasValues && !values.running && (
          <p>
            Compared by names, dtypes and shapes.{" "}
            <button type="button" onClick={() => set(true)}>
              Compare values, {formatBytes(bytes)}
            </button>
          </p>
        )}
      </div>
      <div class={`compare-columns ${selected === undefined ? "" : "has-tensor"}`}>
        <ComparedList comparison={comparison} catalogs={catalogs} selected={selected} />
        <div class="compare-side">
          {selected === undefined ? (
            <p class="page quiet">Select a tensor to see how it differs.</p>
          ) : (
            <>
              <button type="button" class="compare-back" onClick={() => app.go({ tensor: undefined })}>
                ← All differences
              </button>
              <Pair
                key={`${one.id} ${other.id} ${nameOf(selected)}`}
                row={selected}
                catalogs={catalogs}
                paths={[before.path, after.path]}
              />
            </>
          )}
        </div>
      </div>
    </>
  );
}
