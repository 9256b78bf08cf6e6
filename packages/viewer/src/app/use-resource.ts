import type { OperationOptions, Progress } from "@tfsaver/core";
import { isCheckpointError } from "@tfsaver/core";
import { useCallback, useEffect, useState } from "preact/hooks";

/** A value that is being read, or was. */
export interface Resource<T> {
  /** Undefined until it is read. */
  readonly value: T | undefined;
  /** Undefined if nothing failed. */
  readonly error: Error | undefined;
  /** How far the work is, if it reports that. */
  readonly progress: Progress | undefined;
  /** True while the work runs. */
  readonly running: boolean;
  /** Stops the work. */
  stop(): void;
}

const NOTHING = { value: undefined, error: undefined, progress: undefined, running: false };

/**
 * Reads a value when a component is shown and whenever the key changes. Stops the reading when the key changes or the component
 * goes away.
 *
 * @param key - names the value, such as the checkpoint and the tensor; undefined reads nothing
 * @param load - reads the value, usually by a call to the engine with these options
 */
export function useResource<T>(key: string | undefined, load: (options: OperationOptions) => Promise<T>): Resource<T> {
  const [state, setState] = useState<{ key: string | undefined } & Omit<Resource<T>, "stop">>({ key, ...NOTHING });
  const [controller, setController] = useState<AbortController | undefined>(undefined);
  useEffect(() => {
    if (key === undefined) return;
    const abort = new AbortController();
    const { signal } = abort;
    setController(abort);
    setState({ key, ...NOTHING, running: true });
    const onProgress = (progress: Progress) => {
      if (!signal.aborted) setState((before) => (before.key === key ? { ...before, progress } : before));
    };
    load({ signal, onProgress }).then(
      (value) => {
        if (!signal.aborted) setState({ key, ...NOTHING, value });
      },
      (error) => {
        const isStopped = signal.aborted || isCheckpointError(error, "CancelledError");
        setState((before) => (before.key === key ? { key, ...NOTHING, error: isStopped ? undefined : error } : before));
      },
    );
    return () => abort.abort();
    // The key says what is loaded; the function is another one each time.
  }, [key]);
  const stop = useCallback(() => controller?.abort(), [controller]);
  // What was read for another key is not shown.
  return state.key === key ? { ...state, stop } : { ...NOTHING, running: key !== undefined, stop };
}
