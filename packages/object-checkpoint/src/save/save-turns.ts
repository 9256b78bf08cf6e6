import { unlessAborted } from "@tfsaver/core";

/** Lets saves be written one after another, in the order of their calls. */
export class SaveTurns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a save when the earlier ones have ended, unless it is cancelled before. */
  async next<T>(signal: AbortSignal | undefined, save: () => Promise<T>): Promise<T> {
    const earlier = this.#last;
    const result = unlessAborted(earlier, signal).then(save);
    // Without the results, of which each would hold those of all saves before it.
    this.#last = Promise.allSettled([earlier, result]).then(() => undefined);
    return result;
  }
}
