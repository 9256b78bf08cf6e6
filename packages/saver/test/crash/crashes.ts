import { createHash } from "node:crypto";
import { type MemoryStorage, readFile, type Storage } from "@tfsaver/storage";
import { PowerLossStorage, type StorageOperation, type StorageOperationKind } from "@tfsaver/testing";
import { isThorough } from "../../../../tests/thorough.js";
import type { Kind } from "./histories.js";
import { type Expectation, FOLDER, History, type Model } from "./history.js";
import { furnish } from "./survivors.js";

/** Losses of power tried at every stop. Each leaves another part of what was not flushed. */
const POWER_LOSSES = isThorough ? 12 : 1;

/** A moment at which a saver is stopped. */
interface Crash {
  readonly label: string;
  readonly lostPower: boolean;
  readonly expectation: Expectation;
  /** Two equal copies of what the stop leaves. */
  readonly storages: readonly [MemoryStorage, MemoryStorage];
}

/** The crashes of a history. */
export interface Crashes {
  /** Number of operations before which the saver was stopped. */
  readonly stops: number;
  /** One crash for each distinct state; stops that leave a state seen before are left out. */
  readonly crashes: readonly Crash[];
}

/** Runs a history once and records what a stop before each operation would leave: by a kill, and by losses of power. */
export async function crashesOf(kind: Kind, model: Model): Promise<Crashes> {
  const crashes: Crash[] = [];
  const seen = new Set<string>();
  let stops = 0;
  let history: History | undefined;
  let last = "";
  const storage: ChangeCountingStorage = new ChangeCountingStorage({
    onStep: async ({ kind: operation, path }) => {
      if (history === undefined) return;
      stops++;
      const { expectation } = history;
      const moment = `${storage.changes} ${textOf(expectation)}`;
      // A write is counted when it is done, but changes the file half-way too.
      if (moment === last && operation !== "write") return;
      last = moment;
      const at = `before ${operation} ${path} (${stops})`;
      // Files look old, so that no save waits for an unknown owner of a lock.
      const options = { now: () => 0 };
      const take = async (lostPower: boolean, label: string, leave: () => Promise<MemoryStorage>) => {
        const left = await leave();
        const state = await fingerprint(left, expectation);
        // Everything required after a loss of power is required after a kill too.
        if (seen.has(`killed: ${state}`) || seen.has(`${lostPower ? "lost power" : "killed"}: ${state}`)) return;
        seen.add(`${lostPower ? "lost power" : "killed"}: ${state}`);
        crashes.push({ label, lostPower, expectation, storages: [left, await leave()] });
      };
      await take(false, `killed ${at}`, () => storage.afterKill(options));
      for (let i = 0; i < POWER_LOSSES; i++) {
        const seed = stops * POWER_LOSSES + i;
        await take(true, `without power ${at}, seed ${seed}`, () => storage.afterPowerLoss(seed, options));
      }
    },
  });
  await furnish(storage);
  history = new History(model, storage, kind.options, kind.returned);
  await history.run(kind.steps);
  return { stops, crashes };
}

const READING: ReadonlySet<StorageOperationKind> = new Set(["open", "stat", "list", "read", "close"]);

/** Counts the operations that may have changed what a stop leaves. */
class ChangeCountingStorage extends PowerLossStorage {
  changes = 0;

  protected override async intercept<T>(operation: StorageOperation, run: () => Promise<T>): Promise<T> {
    try {
      return await super.intercept(operation, run);
    } finally {
      if (!READING.has(operation.kind)) this.changes++;
    }
  }

  protected override async interceptWrite(
    ...[operation, file, chunks]: Parameters<PowerLossStorage["interceptWrite"]>
  ): Promise<void> {
    await super.interceptWrite(operation, file, chunks);
    this.changes++;
  }
}

/** Returns the same text for two states only if they hold the same files and the same is expected of them. */
export async function fingerprint(storage: Storage, expectation: Expectation): Promise<string> {
  const hash = createHash("sha256").update(textOf(expectation));
  for (const path of await pathsBelow(storage, FOLDER)) {
    const { kind } = (await storage.stat(path)) ?? {};
    const bytes = kind === "file" ? await readFile(storage, path) : new Uint8Array();
    hash.update(JSON.stringify([path, kind, bytes.length])).update(bytes);
  }
  const unfinished = (await storage.unfinished?.list(FOLDER)) ?? [];
  for (const { path, ticket } of unfinished) hash.update(JSON.stringify([path, ticket]));
  return hash.digest("hex");
}

function textOf({ next, values, latest }: Expectation): string {
  return JSON.stringify([next, [...values], latest]);
}

async function pathsBelow(storage: Storage, folder: string): Promise<string[]> {
  const entries = await storage.list(folder);
  const paths = entries.map(async ({ name, kind }) => {
    const path = `${folder}/${name}`;
    return kind === "directory" ? [path, ...(await pathsBelow(storage, path))] : [path];
  });
  return (await Promise.all(paths)).flat().sort();
}
