import { escapeUnsafe, formatBytes } from "@tfsaver/checkpoint-tools/printing";
import type { Progress } from "@tfsaver/core";
import { NameText } from "./name-text.js";

interface WorkingProps {
  /** What is done: "Reading dense/kernel". */
  readonly what: string;
  readonly progress?: Progress | undefined;
  readonly onStop?: (() => void) | undefined;
}

/** Shows that something is read, how far it is, and a button that stops it. */
export function Working({ what, progress, onStop }: WorkingProps) {
  return (
    <div class="working" role="status">
      <NameText text={`${what} …`} />
      {progress !== undefined && progress.total > 0 && (
        <>
          <progress max={progress.total} value={progress.done} aria-label={escapeUnsafe(what)} />
          <span class="number">
            {formatBytes(progress.done)} of {formatBytes(progress.total)}
          </span>
        </>
      )}
      {onStop !== undefined && (
        <button type="button" onClick={onStop}>
          Stop
        </button>
      )}
    </div>
  );
}
