import { formatBytes } from "@tfsaver/checkpoint-tools/printing";
import { useApp } from "../../app/context.js";
import { Dialog } from "./dialog.js";

/** Asks before something reads a lot. */
export function AskDialog() {
  const question = useApp().askFirst.question.value;
  if (question === undefined) return null;
  return (
    <Dialog title={question.what} onClose={() => question.answer(false)}>
      <p>
        This reads <strong class="number">{formatBytes(question.bytes)}</strong>.
      </p>
      <div class="buttons">
        <button type="button" onClick={() => question.answer(false)}>
          Cancel
        </button>
        <button type="button" class="primary" onClick={() => question.answer(true)}>
          Read {formatBytes(question.bytes)}
        </button>
      </div>
    </Dialog>
  );
}
