import { useApp } from "../../app/context.js";
import { TensorView, styles as tensorStyles } from "../tensor/tensor.js";
import type { ViewProps } from "../view.js";
import { TensorList } from "./tensor-list.js";
import css from "./tensors.css?inline";

export const styles = css + tensorStyles;

/** Shows the tensors of a checkpoint, and beside them the one that is selected. */
export function View({ catalog }: ViewProps) {
  const { tensor } = useApp().address.value;
  const entry = tensor === undefined ? undefined : catalog.get(tensor);
  return (
    <div class={`tensors ${entry === undefined ? "" : "has-tensor"}`}>
      <TensorList catalog={catalog} selected={tensor} />
      {entry === undefined ? (
        <section class="page empty">Select a tensor to see its numbers.</section>
      ) : (
        <TensorView key={`${catalog.id} ${entry.name}`} catalog={catalog} entry={entry} />
      )}
    </div>
  );
}
