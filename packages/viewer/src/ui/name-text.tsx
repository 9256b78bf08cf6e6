import { escapeUnsafe } from "@tfsaver/checkpoint-tools/printing";
import { useState } from "preact/hooks";

/** Characters of a name that are shown at first. */
const SHOWN = 300;

interface NameTextProps {
  readonly text: string;
  /** True in a row of fixed width, where the rest of a long text can't be shown. Default: false. */
  readonly inRow?: boolean;
}

/**
 * Shows text from a checkpoint: as text, never as HTML, with escapes for characters that hide or reorder others. A long text is
 * cut, with a button that shows all of it.
 */
export function NameText({ text, inRow = false }: NameTextProps) {
  const [all, setAll] = useState(false);
  const isCut = text.length > SHOWN && !all;
  const shown = escapeUnsafe(isCut ? text.slice(0, SHOWN) : text).replaceAll("\n", "\\n");
  return (
    <bdi class="name">
      {shown}
      {isCut && "…"}
      {isCut && !inRow && (
        <button type="button" class="link" onClick={() => setAll(true)}>
          Show all {text.length.toLocaleString("en")} characters
        </button>
      )}
    </bdi>
  );
}
