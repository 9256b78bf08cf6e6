import type { MemoryStorage } from "@tfsaver/storage";
import { PowerLossStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { type Kind, kinds } from "./histories.js";
import { type Expectation, History, Model } from "./history.js";
import { checkDebris, checkNextSave, checkReaders, furnish } from "./survivors.js";

/** Losses of power that are looked at for every operation: each is one of the many that are possible. */
const SEEDS = 2;

interface Crash {
  readonly label: string;
  readonly lostPower: boolean;
  readonly expectation: Expectation;
  /** What is left, as often as it is needed. */
  readonly storages: MemoryStorage[];
}

/** Goes through a history once, and remembers what would be left if it had been stopped, at every operation. */
async function crashesOf(kind: Kind, model: Model): Promise<Crash[]> {
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

describe.each(kinds)("$name", (kind) => {
  it("leaves the old state or the new one, wherever it is stopped", async () => {
    const model = new Model();
    const crashes = await crashesOf(kind, model);
    expect(crashes.length).toBeGreaterThan(200);
    for (const { label, storages, ...rest } of crashes) {
      const [first, second] = storages as [MemoryStorage, MemoryStorage];
      const survivors = { ...rest, kind, model };
      try {
        await checkReaders(first, survivors);
        await checkDebris(first, survivors);
        await checkNextSave(second, survivors);
      } catch (error) {
        const names = await first.list("/run").then((entries) => entries.map(({ name }) => name).sort());
        throw new Error(`${label}: ${(error as Error).message}\n${names.join(" ")}`, { cause: error });
      }
    }
  }, 120_000);
});
