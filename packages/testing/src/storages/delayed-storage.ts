import { turnOfEventLoop } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import { InterceptedStorage, type StorageOperation } from "./intercepted-storage.js";
import { randomNumbers } from "./random-numbers.js";

/** Options of {@link DelayedStorage}. */
export interface DelayedStorageOptions {
  /** Seed of the delays: the same seed gives the same order of overlapping operations. */
  readonly seed: number;
  /** Maximum number of turns of the event loop to wait, before and again after each operation. Default: 3. */
  readonly turns?: number | undefined;
}

/**
 * Wraps a storage and delays its operations at random, so that concurrent code runs in many orders.
 *
 * @example
 * ```ts
 * import { MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
 * import { DelayedStorage } from "@tfsaver/testing";
 *
 * for (let seed = 0; seed < 20; seed++) {
 *   const storage = new DelayedStorage(new MemoryStorage(), { seed });
 *   await Promise.all(["/a", "/b"].map((path) => writeFileAtomically(storage, path, new Uint8Array(1))));
 * }
 * ```
 */
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
      await turnOfEventLoop();
    }
  }
}
