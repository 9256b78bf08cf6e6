import type { MemoryStorage } from "@tfsaver/storage";
import { PowerLossStorage } from "@tfsaver/testing";
import type { Kind } from "./histories.js";
import { type Expectation, History, type Model } from "./history.js";
import { furnish } from "./survivors.js";

/** Losses of power that are looked at for every operation: each is one of the many that are possible. */
const SEEDS = 2;

/** A moment at which a saver is stopped. */
export interface Crash {
  readonly label: string;
  readonly lostPower: boolean;
  readonly expectation: Expectation;
  /** What is left, as often as it is needed. */
  readonly storages: MemoryStorage[];
}

/** Goes through a history once, and remembers what would be left if it had been stopped, at every operation. */
export async function crashesOf(kind: Kind, model: Model): Promise<Crash[]> {
  const crashes: Crash[] = [];
  let history: History | undefined;
  const storage: PowerLossStorage = new PowerLossStorage({
    onStep: async ({ kind: operation, path }) => {
      if (history === undefined) return;
      const { expectation } = history;
      const at = `before ${operation} ${path} (${crashes.length})`;
      // Files look old, so that nobody waits for an owner of whom nothing is known.
      const options = { now: () => 0 };
      const take = async (lostPower: boolean, label: string, left: () => Promise<MemoryStorage>) => {
        crashes.push({ label, lostPower, expectation, storages: [await left(), await left()] });
      };
      await take(false, `killed ${at}`, () => storage.afterKill(options));
      for (let i = 0; i < SEEDS; i++) {
        const seed = crashes.length * SEEDS + i;
        await take(true, `without power ${at}, seed ${seed}`, () => storage.afterPowerLoss(seed, options));
      }
    },
  });
  await furnish(storage);
  history = new History(model, storage, kind.options, kind.returned);
  await history.run(kind.steps);
  return crashes;
}
