import { useApp } from "../../app/context.js";
import { NameText } from "../../ui/name-text.js";

/** Leads to the graph of a function. */
export function FunctionButton({ name }: { readonly name: string }) {
  const app = useApp();
  return (
    <button
      type="button"
      class="link node-link"
      onClick={() => app.setParams({ function: name, node: undefined, nodes: undefined })}
    >
      <NameText text={name} inRow />
    </button>
  );
}
