import { useApp } from "../../app/context.js";
import { Problem } from "../../ui/problem.js";
import { TensorView, styles as tensorStyles } from "../tensor/tensor.js";
import { UnreadableView } from "../tensor/unreadable.js";
import type { ViewProps } from "../view.js";
import { TensorList } from "./tensor-list.js";
import css from "./tensors.css?inline";

export const styles = css + tensorStyles;

/** Shows the tensors of a checkpoint, and beside them the one that is selected. */
export function View({ catalog, source, path }: ViewProps) {
  const app = useApp();
  const { tensor } = app.address.value;
  const damaged = app.damaged(source, path);
  return (
    <div class={`tensors ${tensor === undefined ? "" : "has-tensor"}`}>
      <TensorList key={catalog.id} catalog={catalog} selected={tensor} damaged={damaged} />
      <div class="tensor-side">
        {tensor !== undefined && (
          <button type="button" class="back" onClick={() => app.go({ tensor: undefined })}>
            ← All tensors
          </button>
        )}
        <Selected catalog={catalog} tensor={tensor} damaged={damaged} />
      </div>
    </div>
  );
}

interface SelectedProps extends Pick<ViewProps, "catalog"> {
  readonly tensor: string | undefined;
  /** Names of tensors with damage. */
  readonly damaged: ReadonlySet<string>;
}

function Selected({ catalog, tensor, damaged }: SelectedProps) {
  if (tensor === undefined) return <p class="page quiet">Select a tensor to see its numbers.</p>;
  const entry = catalog.get(tensor);
  const unreadable = catalog.unreadable.find(({ name }) => name === tensor);
  if (unreadable !== undefined) {
    return <UnreadableView key={tensor} catalog={catalog} entry={{ ...unreadable, name: tensor }} />;
  }
  if (entry === undefined) {
    const messages = [`${catalog.prefix} has no tensor of this name.`];
    return <Problem title={`${tensor} is not here`} messages={messages} />;
  }
  return <TensorView key={`${catalog.id} ${tensor}`} catalog={catalog} entry={entry} damaged={damaged.has(tensor)} />;
}
