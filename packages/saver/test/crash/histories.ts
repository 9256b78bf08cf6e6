import { anyOf, keepBest, keepLatest } from "@tfsaver/retention";
import type { SaverOptions } from "@tfsaver/saver";
import { MemoryStorage, type Storage } from "@tfsaver/storage";
import { MemoryObjectStorage } from "@tfsaver/testing";
import { FOLDER, type Step } from "./history.js";

/** A saver's options and the saves that it makes. */
export interface Kind {
  readonly name: string;
  readonly options: () => SaverOptions;
  readonly steps: readonly Step[];
  readonly returned?: (path: string, step: Step) => string;
}

const at = (...steps: number[]): Step[] => steps.map((globalStep) => ({ globalStep }));

let hour = 0;

/** V2 in one shard, with every kind of retention. */
export const v2Kinds: readonly Kind[] = [
  {
    name: "V2, some kept for good",
    options: () => ({ maxToKeep: 2, keepCheckpointEveryNHours: 2, clock: () => ++hour * 3_600_000 }),
    steps: at(1, 2, 3, 4, 4, 3, 5),
  },
  { name: "V2, always the same path", options: () => ({}), steps: [{}, {}, {}] },
  {
    name: "the best, recovered after restarts",
    options: () => ({
      recover: true,
      retention: anyOf(keepLatest(1), keepBest({ metric: "loss", n: 1, mode: "min" })),
    }),
    steps: [
      { globalStep: 1, loss: 3 },
      { globalStep: 2, loss: 1 },
      { globalStep: 3, loss: 2, restart: true },
      { globalStep: 4, loss: 4 },
      { globalStep: 5, loss: 0, restart: true },
    ],
  },
];

/** V2 in two shards. */
export const v2ShardedKinds: readonly Kind[] = [
  { name: "V2 in shards", options: () => ({ sharded: true, maxToKeep: 2 }), steps: at(1, 2, 2, 3, 4) },
  { name: "V2 in shards, always the same path", options: () => ({ sharded: true }), steps: [{}, {}, {}] },
];

/** V1, in one file and in two shards. */
export const v1Kinds: readonly Kind[] = [
  { name: "V1", options: () => ({ writeVersion: 1, maxToKeep: 2 }), steps: at(1, 2, 2, 3, 4) },
  {
    name: "V1 in shards",
    options: () => ({ writeVersion: 1, sharded: true, maxToKeep: 2 }),
    steps: at(1, 2, 2, 3, 4),
    returned: (path) => `${path}-?????-of-00002`,
  },
  {
    name: "V1 in shards, always the same path",
    options: () => ({ writeVersion: 1, sharded: true }),
    steps: [{}, {}, {}],
    returned: (path) => `${path}-?????-of-00002`,
  },
];

const V1: Partial<Step> = { restart: true, options: { writeVersion: 1 } };
const V1_IN_SHARDS: Partial<Step> = { restart: true, options: { writeVersion: 1, sharded: true } };
const V2: Partial<Step> = { restart: true };

/** One checkpoint under two spellings of its path, and in two formats. */
export const sameCheckpointKinds: readonly Kind[] = [
  {
    name: "one path in two spellings",
    options: () => ({ maxToKeep: 1 }),
    steps: [{ globalStep: 1 }, { globalStep: 1, folder: `${FOLDER}/.` }, { globalStep: 2 }, { globalStep: 1 }],
  },
  { name: "V1 over V2 and back, at the same path", options: () => ({}), steps: [{}, { ...V1 }, { ...V2 }, { ...V1 }] },
  {
    name: "V1 in shards over V2 and back, at the same path",
    options: () => ({}),
    steps: [{}, { ...V1_IN_SHARDS }, { ...V2 }],
    returned: (path, step) => (step.options?.sharded ? `${path}-?????-of-00002` : path),
  },
];

/** Covers every format, every kind of retention, and saves that replace a checkpoint. */
export const kinds: readonly Kind[] = [...v2Kinds, ...v2ShardedKinds, ...v1Kinds, ...sameCheckpointKinds];

/** The storages with which histories are tried: one with renames, and one that shows a file when it is closed. */
export const STORAGES: readonly (readonly [where: string, make: () => Storage])[] = [
  ["on a disk", () => new MemoryStorage()],
  ["in an object store", () => new MemoryObjectStorage()],
];
