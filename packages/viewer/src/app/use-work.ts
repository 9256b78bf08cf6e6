import { isCheckpointError, type OperationOptions, type Progress } from "@tfsaver/core";
import { useEffect, useRef, useState } from "preact/hooks";

/** Work that a click starts. */
export interface Work<T> {
  /** Result of the last work that was not stopped. */
  readonly value: T | undefined;
  readonly error: Error | undefined;
  readonly progress: Progress | undefined;
  readonly running: boolean;
  /** Starts the work, in place of any that runs. */
  readonly start: () => void;
  readonly stop: () => void;
}

const IDLE = { value: undefined, error: undefined, progress: undefined, running: false };

/** Does work when it is asked for, and stops it when the component goes away. */
export function useWork<T>(run: (options: OperationOptions & { readonly signal: AbortSignal }) => Promise<T>): Work<T> {
  const [state, setState] = useState<Omit<Work<T>, "start" | "stop">>(IDLE);
  const controller = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => controller.current?.abort(), []);
  const start = () => {
    controller.current?.abort();
    const abort = new AbortController();
    controller.current = abort;
    const { signal } = abort;
    const ifCurrent = (next: Partial<typeof state>) => {
      if (controller.current === abort) setState((before) => ({ ...before, ...next }));
    };
    setState({ ...IDLE, running: true });
    run({ signal, onProgress: (progress) => ifCurrent({ progress }) }).then(
      (value) => ifCurrent({ value, running: false }),
      (error) => {
        const isStopped = signal.aborted || isCheckpointError(error, "CancelledError") || error?.name === "AbortError";
        ifCurrent({ running: false, error: isStopped ? undefined : error });
      },
    );
  };
  return { ...state, start, stop: () => controller.current?.abort() };
}
