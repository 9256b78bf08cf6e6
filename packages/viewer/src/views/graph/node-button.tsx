import { useApp } from "../../app/context.js";
import { NameText } from "../../ui/name-text.js";

interface NodeButtonProps {
  readonly name: string;
  /** What is shown instead of the name, such as an output of the node. Default: the name. */
  readonly text?: string;
}

/** Leads to a node. */
export function NodeButton({ name, text = name }: NodeButtonProps) {
  const app = useApp();
  return (
    <button type="button" class="link node-link" onClick={() => app.setParams({ node: name })}>
      <NameText text={text} inRow />
    </button>
  );
}
