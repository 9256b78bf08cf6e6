import { formatBytes } from "@tfsaver/checkpoint-tools/printing";
import type { Progress } from "@tfsaver/core";

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
      <span>{what} …</span>
      {progress !== undefined && progress.total > 0 && (
        <>
          <progress max={progress.total} value={progress.done} aria-label={what} />
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
