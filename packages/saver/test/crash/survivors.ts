import { findDebris, removeDebris } from "@tfsaver/checkpoint-files";
import { loadVariable } from "@tfsaver/checkpoint-reader";
import { getCheckpointState, latestCheckpoint } from "@tfsaver/checkpoint-state";
import { normalizePath, type Storage, writeFileAtomically } from "@tfsaver/storage";
import { expect } from "vitest";
import { textOf } from "../../../../fixtures/storage-files.js";
import type { Kind } from "./histories.js";
import { type Expectation, FOLDER, type Model, save } from "./history.js";

/** Files that are not the saver's, some with names like the saver's. */
const FOREIGN = ["notes.txt", "m-1.txt", "mm-1.index", "m-10.data-00000-of-00001", "m_temporary"];

/** Creates the folder, with foreign files in it. */
export async function furnish(storage: Storage): Promise<void> {
  await storage.createDirectory(FOLDER);
  await storage.syncDirectory("/");
  for (const name of FOREIGN) await writeFileAtomically(storage, `${FOLDER}/${name}`, new TextEncoder().encode(name));
}

async function requireForeign(storage: Storage): Promise<void> {
  for (const name of FOREIGN) {
    expect(await textOf(storage, `${FOLDER}/${name}`)).toBe(name);
  }
}

/** What a stopped saver left, and what is expected of it. */
export interface Survivors {
  readonly kind: Kind;
  readonly expectation: Expectation;
  readonly model: Model;
  /** True if the power failed: removals that were not flushed may be undone. */
  readonly lostPower: boolean;
}

/** Checks what a reader finds: the state file parses, and each checkpoint in it is whole, either the old or the new one. */
export async function checkReaders(storage: Storage, { kind, expectation, model }: Survivors): Promise<void> {
  await requireForeign(storage);
  const warnings: string[] = [];
  const options = { storage, onWarning: (message: string) => void warnings.push(message) };
  const latest = await latestCheckpoint(FOLDER, options);
  expect(expectation.latest).toContain(latest);
  const state = await getCheckpointState(FOLDER, options);
  expect(state?.modelCheckpointPath).toBe(latest);
  expect(warnings).toEqual([]);
  const saver = model.saver(storage, kind.options());
  for (const path of state?.allModelCheckpointPaths ?? []) {
    expect(expectation.values.get(normalizePath(path)), path).toContain(await model.read(saver, path, storage));
    if (path.endsWith(ALL_SHARDS)) await checkFinalNames(path.slice(0, -ALL_SHARDS.length), storage);
  }
}

const ALL_SHARDS = "-?????-of-00002";

/** Checks that a reader that knows only final names, such as TensorFlow, never finds V1 shards of two saves. */
async function checkFinalNames(prefix: string, storage: Storage): Promise<void> {
  const shards = [`${prefix}-00000-of-00002`, `${prefix}-00001-of-00002`] as const;
  const stats = await Promise.all(shards.map((shard) => storage.stat(shard)));
  if (stats.includes(undefined)) return;
  const [a, b] = [await loadVariable(shards[0], "a", { storage }), await loadVariable(shards[1], "b", { storage })];
  expect(Number(a.data[0]), `shards of ${prefix} under their final names`).toBe(Number(b.data[0]));
}

/** Endings that follow the prefix in the names of a checkpoint's files, and of its folder for temporary shards. */
const OWN = /^(?:|\.index|\.meta|\.data-.*|-\d{5}-of-\d{5}|_temp)$/;

/** Checks that everything beside whole checkpoints is recognized as debris, and removed. */
export async function checkDebris(storage: Storage, survivors: Survivors): Promise<void> {
  const { kind, expectation, model, lostPower } = survivors;
  await removeDebris(FOLDER, { storage, olderThan: 0 });
  expect(await findDebris(FOLDER, { storage, olderThan: 0 })).toEqual([]);
  await checkReaders(storage, survivors);
  const names = (await storage.list(FOLDER)).map(({ name }) => name);
  const known = new Set([...FOREIGN, "checkpoint", "checkpoint.records.json"]);
  for (const [path, values] of expectation.values) {
    const base = path.slice(FOLDER.length + 1).replace(/-\?{5}-of-\d+$/, "");
    const own = names.filter((name) => name.startsWith(base) && OWN.test(name.slice(base.length)));
    const whole = await model.read(model.saver(storage, kind.options()), path, storage).then(
      (value) => values.includes(value),
      () => false,
    );
    const isLeft = lostPower || (path.includes("?") && own.length === 1);
    if (whole || isLeft) for (const name of own) known.add(name);
  }
  expect(names.filter((name) => !known.has(name))).toEqual([]);
}

/** Checks that the interrupted save can be made again, and cleans up. */
export async function checkNextSave(storage: Storage, survivors: Survivors): Promise<void> {
  const { kind, expectation, model, lostPower } = survivors;
  const saver = model.saver(storage, { ...kind.options(), ...expectation.next.options, recover: true });
  const path = await save(saver, await model.holding(7770, storage), expectation.next);
  expect(await latestCheckpoint(FOLDER, { storage })).toBe(path);
  expect(await model.read(saver, path, storage)).toBe(7770);
  await requireForeign(storage);
  const prefix = path.replace(/-\?{5}-of-\d+$/, "");
  // A power failure may lose the lock that reveals debris; `removeDebris` still removes it.
  if (lostPower) return;
  const left = await findDebris(FOLDER, { storage, olderThan: 0 });
  expect(left.map((debris) => debris.path).filter((debris) => debris.startsWith(`${prefix}.`))).toEqual([]);
}
