import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { InterceptedStorage, type StorageOperation } from "@tfsaver/testing";
import { expect, it } from "vitest";

/** Number of saves; `TFSAVER_SOAK_SAVES` sets another one. */
const SAVES = Number(process.env.TFSAVER_SOAK_SAVES ?? 20_000);
const WINDOWS = 20;
/** Time limit in milliseconds. A save takes less than two. */
const TIMEOUT = 60_000 + 10 * SAVES;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Counts operations without recording them, since a record would look like a leak. */
class Tally extends InterceptedStorage {
  operations = 0;
  openFiles = 0;

  protected override async intercept<T>({ kind }: StorageOperation, run: () => Promise<T>): Promise<T> {
    this.operations++;
    if (kind === "close") this.openFiles--;
    const result = await run();
    if (kind === "open" || kind === "create") this.openFiles++;
    return result;
  }
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];

it(`memory, open files and operations per save do not grow over ${SAVES} saves with retention`, {
  timeout: TIMEOUT,
}, async () => {
  // One save every two minutes, which is 720 in a day of training.
  let now = 1_700_000_000_000;
  const clock = () => {
    now += 120_000;
    return now;
  };
  const storage = new Tally(new MemoryStorage());
  await storage.createDirectory("/run");
  const graph = new Graph();
  const weights = Variable.create([1, 2, 3], { graph, name: "weights" });
  // Longer than the whole run, so that no checkpoint is kept forever.
  const saver = new Saver({ graph, storage, clock, maxToKeep: 5, keepCheckpointEveryNHours: 1e9 });
  const session = new LocalSession(graph, { storage });
  await session.run(weights.initializer);

  const heaps: number[] = [];
  const work: number[] = [];
  const files: number[] = [];
  let step = 1_000_000_000;
  for (let window = 0; window < WINDOWS; window++) {
    const before = storage.operations;
    for (let i = 0; i < SAVES / WINDOWS; i++) await saver.save(session, "/run/m", { globalStep: ++step });
    work.push(storage.operations - before);
    collectGarbage();
    heaps.push(process.memoryUsage().heapUsed);
    files.push((await storage.list("/run")).length);
    expect(storage.openFiles).toBe(0);
  }
  process.stdout.write(`heap in MB: ${heaps.map((heap) => (heap / 1e6).toFixed(2)).join(" ")}\n`);
  // Five checkpoints of three files each, and the state file.
  expect(new Set(files)).toEqual(new Set([16]));
  // The first window has fewer removals.
  expect(new Set(work.slice(1)).size).toBe(1);
  // In the second half, everything is compiled and allocated. The heap still alternates between two levels, so the median of
  // several windows is compared.
  const [third, fourth] = [heaps.slice(10, 15), heaps.slice(15)].map(median);
  const growth = (fourth as number) - (third as number);
  // Each save must leave less than its path would take.
  expect(growth / (SAVES / 4)).toBeLessThan(100);
  expect(growth).toBeLessThan(2e6);
});
