import { CancelledError } from "@tfsaver/core";
import { ExitCode } from "./errors.js";

/** Exit codes after a signal, as shells report them: 128 and the signal's number. */
const SIGNALS = { SIGINT: ExitCode.interrupted, SIGTERM: ExitCode.terminated } as const;

/** Time in milliseconds for a command to clean up after a signal. */
const GRACE_MS = 5000;

/** Time in milliseconds in which a second signal is the same interrupt: `timeout` sends one to the command and one to its group. */
const ECHO_MS = 500;

/** The part of `process` that tells of signals. */
export interface SignalSource {
  on(signal: keyof typeof SIGNALS, listener: () => void): unknown;
  exit(code: number): void;
}

/**
 * Returns an `AbortSignal` for Ctrl-C and SIGTERM. The second of them ends the process at once.
 *
 * @param now - returns the time in milliseconds
 */
export function interruptsOf(source: SignalSource, now = () => performance.now()): AbortSignal {
  const controller = new AbortController();
  let firstMs: number | undefined;
  for (const [name, code] of Object.entries(SIGNALS) as [keyof typeof SIGNALS, ExitCode][]) {
    source.on(name, () => {
      firstMs ??= now();
      if (controller.signal.aborted && now() - firstMs >= ECHO_MS) source.exit(code);
      controller.abort(code);
    });
  }
  return controller.signal;
}

/** Returns the exit code for a signal that was received. */
export function interruptCode({ reason }: AbortSignal): ExitCode {
  return reason === ExitCode.terminated ? ExitCode.terminated : ExitCode.interrupted;
}

/**
 * Waits for work, but after an interrupt only as long as cleaning up may take.
 *
 * @throws the work's errors; `CancelledError` if it does not end in time.
 */
export function waitUnlessInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const limit = () => {
      timer = setTimeout(() => reject(new CancelledError("The command did not end in time")), GRACE_MS);
    };
    const end = () => {
      signal.removeEventListener("abort", limit);
      clearTimeout(timer);
    };
    signal.addEventListener("abort", limit);
    work.finally(end).then(resolve, reject);
  });
}
