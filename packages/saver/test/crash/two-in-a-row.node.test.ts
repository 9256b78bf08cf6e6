import { findDebris, removeDebris } from "@tfsaver/checkpoint-files";
import { getCheckpointState } from "@tfsaver/checkpoint-state";
import { isCheckpointError } from "@tfsaver/core";
import type { SaverOptions } from "@tfsaver/saver";
import { MemoryStorage, type Storage } from "@tfsaver/storage";
import { FaultyStorage, PowerLossStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { isTried } from "../../../../tests/thorough.js";
import { FOLDER, Model } from "./history.js";
import { furnish } from "./survivors.js";

const same = (path: string) => path;
const inShards = (path: string) => `${path}-?????-of-00002`;

/** Of so many moments, `npm test` tries one. */
const STRIDE = 9;

/** Steps of the checkpoint that was there before, and of the two that are saved in a row. */
const STEPS = [1, 2, 3] as const;

interface Attempt {
  /** What became of each of the two saves. */
  readonly outcomes: readonly unknown[];
}

interface Format {
  readonly options: SaverOptions;
  readonly returned: (path: string) => string;
}

const formats: readonly (readonly [name: string, format: Format])[] = [
  ["V2", { options: {}, returned: same }],
  ["V2 in shards", { options: { sharded: true }, returned: same }],
  ["V1", { options: { writeVersion: 1 }, returned: same }],
  ["V1 in shards", { options: { writeVersion: 1, sharded: true }, returned: inShards }],
];

const pathOf = (step: number, { returned }: Format) => returned(`${FOLDER}/m-${step}`);

/** A folder with the first checkpoint in it. */
async function folder(model: Model, { options }: Format, storage: Storage): Promise<void> {
  await furnish(storage);
  await model.saver(storage, options).save(await model.holding(10, storage), `${FOLDER}/m`, { globalStep: 1 });
}

/** Begins two saves at once. */
async function saveTwice(
  model: Model,
  { options }: Format,
  storage: Storage,
  maxPending: number,
  signals: readonly (AbortSignal | undefined)[] = [],
): Promise<Attempt> {
  const saver = model.saver(storage, { ...options, recover: true });
  const sessions = [await model.holding(20, storage), await model.holding(30, storage)] as const;
  const pending = sessions.map((session, i) =>
    saver.saveAsync(session, `${FOLDER}/m`, { globalStep: i + 2, maxPending, signal: signals[i] }),
  );
  const outcomes = await Promise.all(pending.map(({ committed }) => committed.catch((error: unknown) => error)));
  await saver.close();
  return { outcomes };
}

/** Returns the steps of the checkpoints that the state file names, each of which must be whole. */
async function stepsIn(model: Model, format: Format, storage: Storage): Promise<number[]> {
  const state = await getCheckpointState(FOLDER, { storage, onWarning: () => undefined });
  const saver = model.saver(storage, format.options);
  const steps: number[] = [];
  for (const path of state?.allModelCheckpointPaths ?? []) {
    const step = STEPS.find((step) => pathOf(step, format) === path);
    expect(step, path).toBeDefined();
    expect(await model.read(saver, path, storage)).toBe((step as number) * 10);
    steps.push(step as number);
  }
  expect(state?.modelCheckpointPath).toBe(pathOf(steps.at(-1) as number, format));
  return steps;
}

/** Saves once more, as after a restart, and checks that nothing else is left. */
async function goOn(model: Model, format: Format, storage: Storage): Promise<void> {
  const saver = model.saver(storage, { ...format.options, recover: true });
  const path = (await saver.save(await model.holding(50, storage), `${FOLDER}/m`, { globalStep: 5 })) as string;
  expect(await model.read(saver, path, storage)).toBe(50);
  await removeDebris(FOLDER, { storage, olderThan: 0 });
  expect(await findDebris(FOLDER, { storage, olderThan: 0 })).toEqual([]);
  expect(await model.read(saver, path, storage)).toBe(50);
}

describe.each(formats)("%s", (_, format) => {
  describe.each([1, 2])("two saves in a row, of which %s may be under way", (maxPending) => {
    it("are stopped at any moment: what the state file names is whole, and in the order of the calls", async () => {
      const model = new Model();
      const stops: { readonly label: string; readonly left: MemoryStorage }[] = [];
      let isSaving = false;
      let count = 0;
      const storage: PowerLossStorage = new PowerLossStorage({
        onStep: async ({ kind, path }) => {
          if (!isSaving || !isTried(++count, STRIDE)) return;
          stops.push({ label: `before ${kind} ${path}`, left: await storage.afterKill({ now: () => 0 }) });
          stops.push({
            label: `without power before ${kind} ${path}`,
            left: await storage.afterPowerLoss(count, { now: () => 0 }),
          });
        },
      });
      await folder(model, format, storage);
      isSaving = true;
      await saveTwice(model, format, storage, maxPending);
      isSaving = false;
      expect(await stepsIn(model, format, storage)).toEqual([1, 2, 3]);
      const seen = new Set<string>();
      for (const { label, left } of stops) {
        const steps = await stepsIn(model, format, left).catch((cause: Error) => {
          throw new Error(`${label}: ${cause.message}`, { cause });
        });
        expect([[1], [1, 2], [1, 2, 3]], label).toContainEqual(steps);
        seen.add(String(steps));
        await goOn(model, format, left);
      }
      expect(seen.size).toBe(3);
    });

    it("fail at any operation: whatever committed stays, in order, and the other one is reported", async () => {
      const model = new Model();
      const attempt = async (n: number) => {
        const inner = new MemoryStorage();
        await folder(model, format, inner);
        const storage = new FaultyStorage(inner, { fail: n, tornBytes: 3 });
        const { outcomes } = await saveTwice(model, format, storage, maxPending);
        return { inner, outcomes, operations: storage.operations };
      };
      const { operations } = await attempt(0);
      const failures = [0, 0];
      for (let n = 1; n <= operations; n++) {
        if (!isTried(n, STRIDE)) continue;
        const { inner, outcomes } = await attempt(n);
        const committed = [2, 3].filter((step, i) => outcomes[i] === pathOf(step, format));
        for (const i of [0, 1]) if (outcomes[i] instanceof Error) failures[i] = (failures[i] ?? 0) + 1;
        const steps = await stepsIn(model, format, inner);
        // A save whose last steps failed may be in the state file all the same.
        expect(steps, `operation ${n}`).toEqual(expect.arrayContaining([1, ...committed]));
        expect(steps).toEqual(steps.toSorted());
        expect(outcomes.filter((outcome) => outcome instanceof Error).length).toBeLessThan(2);
        await goOn(model, format, inner);
      }
      expect(Math.min(...failures)).toBeGreaterThan(0);
    });

    it.each([0, 1])("are cancelled at any moment: save %s alone is taken back", async (which) => {
      const model = new Model();
      const attempt = async (n: number) => {
        const inner = new MemoryStorage();
        await folder(model, format, inner);
        const abort = new AbortController();
        const storage = new FaultyStorage(inner, {
          fail: (_operation, number) => {
            if (number === n) abort.abort();
            return false;
          },
        });
        const signals = [undefined, undefined].map((_signal, i) => (i === which ? abort.signal : undefined));
        const { outcomes } = await saveTwice(model, format, storage, maxPending, signals);
        return { inner, outcomes, operations: storage.operations };
      };
      const { operations } = await attempt(0);
      let cancelled = 0;
      for (let n = 1; n <= operations; n++) {
        if (!isTried(n, STRIDE)) continue;
        const { inner, outcomes } = await attempt(n);
        expect(outcomes[1 - which]).toBe(pathOf(3 - which, format));
        const isCancelled = isCheckpointError(outcomes[which], "CancelledError");
        if (isCancelled) cancelled++;
        else expect(outcomes[which]).toBe(pathOf(2 + which, format));
        const expected = isCancelled ? [1, 3 - which] : [1, 2, 3];
        expect(await stepsIn(model, format, inner), `operation ${n}`).toEqual(expected);
        const files = (await inner.list(FOLDER)).map(({ name }) => name);
        if (isCancelled) expect(files.filter((name) => name.startsWith(`m-${2 + which}`))).toEqual([]);
      }
      expect(cancelled).toBeGreaterThan(0);
    });
  });
});
