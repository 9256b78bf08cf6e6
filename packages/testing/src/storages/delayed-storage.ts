import type { Storage } from "@tfsaver/storage";
import { InterceptedStorage, type StorageOperation } from "./intercepted-storage.js";
import { randomNumbers } from "./random-numbers.js";

/** How a {@link DelayedStorage} delays. */
export interface DelayedStorageOptions {
  /** Operations that overlap in time come in another order with another seed, and in the same with the same. */
  readonly seed: number;
  /** Most turns of the event loop that an operation waits, before it is done and again before it is answered. Default: 3. */
  readonly turns?: number | undefined;
}

/** A storage around another one that takes its time, so that what runs at once is seen in many orders. */
export class DelayedStorage extends InterceptedStorage {
  readonly #random: () => number;
  readonly #turns: number;

  constructor(inner: Storage, { seed, turns = 3 }: DelayedStorageOptions) {
    super(inner);
    this.#random = randomNumbers(seed);
    this.#turns = turns;
  }

  protected override async intercept<T>(_operation: StorageOperation, run: () => Promise<T>): Promise<T> {
    await this.#wait();
    try {
      return await run();
    } finally {
      await this.#wait();
    }
  }

  async #wait(): Promise<void> {
    for (let left = Math.floor(this.#random() * (this.#turns + 1)); left > 0; left--) {
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
}
