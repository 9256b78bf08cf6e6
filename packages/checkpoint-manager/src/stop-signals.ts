import type { WarningListener } from "@tfsaver/core";
import { endProcess, type StopSignal, watchSignals } from "@tfsaver/storage/host";

/** Time in milliseconds between two visits of the event loop. */
const VISIT_INTERVAL_MS = 50;

/** How long a process goes on after a signal. */
export interface Grace {
  /** Limit in milliseconds of the wait for the end of a step. */
  readonly graceMs: number;
  /** Waits for the saves in the background: if no step ends, the process ends after them. */
  readonly underWay: () => Promise<void>;
}

/** Remembers the signal that asks for the end of the loop, until a step has ended. */
export class StopSignals {
  #received: StopSignal | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastVisit = 0;
  #isStepping = true;
  readonly #unwatch: () => void;

  /** @throws `TypeError` for an unknown signal, or where there are no signals. */
  constructor(
    signals: readonly StopSignal[],
    private readonly grace: Grace,
    private readonly onWarning: WarningListener,
  ) {
    const unwatch = watchSignals(signals, (signal) => this.#receive(signal));
    if (unwatch === undefined) throw new TypeError("onSignal needs a process, and there is none here: leave it out");
    this.#unwatch = unwatch;
  }

  /** The signal that was received; undefined if none was. */
  get received(): StopSignal | undefined {
    return this.#received;
  }

  /**
   * Runs the end of a step, during which the grace time stands still: a save may take longer.
   *
   * @param finish - tells if the loop ends now; if not, the grace time begins anew
   */
  async during<T>(finish: () => Promise<T>, isEnd: (result: T) => boolean): Promise<T> {
    this.#isStepping = false;
    this.#endGrace();
    let ends = false;
    try {
      await this.#visitEventLoop();
      const result = await finish();
      ends = isEnd(result);
      return result;
    } finally {
      this.#isStepping = true;
      if (this.#received !== undefined && !ends) this.#startGrace(this.#received);
    }
  }

  /** Lets signals end the process again. */
  close(): void {
    this.#endGrace();
    this.#unwatch();
  }

  /** Visits the event loop now and then: a loop of steps that wait for nothing else would never hear of a signal. */
  async #visitEventLoop(): Promise<void> {
    if (Math.abs(Date.now() - this.#lastVisit) < VISIT_INTERVAL_MS) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#lastVisit = Date.now();
  }

  #receive(signal: StopSignal): void {
    if (this.#received !== undefined) this.#end(signal, `at once: ${signal} was the second signal`);
    this.#received = signal;
    if (this.#isStepping) this.#startGrace(signal);
  }

  #startGrace(signal: StopSignal): void {
    const { graceMs, underWay } = this.grace;
    const timer = setTimeout(async () => {
      await underWay();
      if (this.#timer === timer) this.#end(signal, `without a save: no step ended within ${graceMs} ms of ${signal}`);
    }, graceMs);
    this.#timer = timer;
  }

  #endGrace(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #end(signal: StopSignal, how: string): void {
    this.onWarning(`The process ends ${how}`);
    endProcess(signal);
  }
}
