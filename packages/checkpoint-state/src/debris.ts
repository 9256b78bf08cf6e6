import { indexFilename, parseCheckpointFilename, stagedIndexFilename } from "@tfsaver/checkpoint-names";
import { isCheckpointError } from "@tfsaver/core";
import { finishShards } from "@tfsaver/saved-tensor-slices/shards";
import { basename, dirname, type FileStat, joinPath, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { settleBundle } from "@tfsaver/tensor-bundle";
import { type DebrisName, debrisName, isPartName, LOCK_SUFFIX, REMOVED_SUFFIX } from "./debris-names.js";
import type { StorageOptions } from "./options.js";
import { abandonedText, tryLockPrefix } from "./prefix-lock.js";

/** Options of {@link findDebris} and {@link removeDebris}. */
export interface DebrisOptions extends Pick<StorageOptions, "storage"> {
  /**
   * Seconds since the last change of a file after which nobody is taken to be writing it, where nothing else tells. What
   * a process that has ended was writing is debris at once, and what a saver is at work on never is. Default: 3600.
   */
  readonly olderThan?: number | undefined;
}

/** What a save, or the removal of a checkpoint, that was cut short has left. */
export interface Debris {
  readonly path: string;
  readonly kind: "file" | "directory";
  /** Bytes. */
  readonly size: number;
  /**
   * `remove`: it is of no use. `finish`: it belongs to a checkpoint that had just replaced an older one, and gets the name
   * that it should have.
   */
  readonly action: "remove" | "finish";
}

const HOUR = 3600;

/** What follows the prefix in the name of a file that waits to replace another. */
const STAGED = /\.(?:index\.tempstate0|temp-\d{5,}-of-\d{5,})$/;

/** A temporary name in a folder, and what it tells. */
interface Found extends DebrisName {
  readonly name: string;
}

/**
 * The debris in a folder of checkpoints: temporary files and folders, those of TensorFlow too, and the files of
 * checkpoints whose removal was not finished. Subfolders are not looked into.
 *
 * @throws `NotFoundError` if there is no such folder, and whatever else the storage reports.
 */
export function findDebris(directory: string, options: DebrisOptions = {}): Promise<Debris[]> {
  return find(directory, options.storage ?? defaultStorage(), { isOld: isOlderThan(options) });
}

function isOlderThan({ olderThan = HOUR }: DebrisOptions) {
  return (changeMs: number) => Date.now() - changeMs >= olderThan * 1000;
}

/**
 * Removes the debris that {@link findDebris} finds, and finishes what only lacked its names. What vanishes meanwhile is no
 * error.
 *
 * @returns what was removed or finished
 * @throws as {@link findDebris}; what comes behind the failure stays.
 */
export async function removeDebris(directory: string, options: DebrisOptions = {}): Promise<Debris[]> {
  const storage = options.storage ?? defaultStorage();
  const removed: Debris[] = [];
  const found = await findDebris(directory, options);
  for (const only of new Set(found.map(({ path }) => ownerOf(path)))) {
    const prefix = joinPath(directory, only);
    // Somebody may have begun to save it since it was looked at.
    const lock = await tryLockPrefix(prefix, { storage, onWarning: () => undefined });
    if (lock === undefined) continue;
    try {
      const debris = await find(directory, storage, { isOld: isOlderThan(options), only, isLeft: lock.wasAbandoned });
      await clear(debris, storage);
      removed.push(...debris);
    } finally {
      await lock.release();
    }
    const left = found.find(({ path }) => path === prefix + LOCK_SUFFIX);
    if (lock.wasAbandoned && left !== undefined) removed.push(left);
  }
  return removed.sort(byPath);
}

/** The last part of the prefix that debris belongs to. */
function ownerOf(path: string): string {
  const name = basename(path);
  const of = debrisName(name, "file")?.of ?? debrisName(name, "directory")?.of;
  return of ?? name.replace(/\.data-\d{5,}-of-\d{5,}$/, "");
}

function byPath(a: Debris, b: Debris): number {
  return a.path < b.path ? -1 : 1;
}

/** Removes the debris of one checkpoint, however new it is: for whoever has locked it. */
export async function removeDebrisOf(prefix: string, options: Pick<StorageOptions, "storage"> = {}): Promise<void> {
  const storage = options.storage ?? defaultStorage();
  try {
    const scope = { isOld: () => true, only: basename(prefix), isOwn: true };
    await clear(await find(dirname(prefix), storage, scope), storage);
  } catch (error) {
    // Where there is no folder, there is no debris.
    if (!isCheckpointError(error, "NotFoundError", "FailedPreconditionError")) throw error;
  }
}

/** What to look for. */
interface Scope {
  readonly isOld: (changeMs: number) => boolean;
  /** The last part of the one prefix to look at, which the caller has locked; default: all. */
  readonly only?: string;
  /** Whether that lock was left behind by somebody else. */
  readonly isLeft?: boolean;
  /** Whether the caller writes this checkpoint, so that whatever there is of it is the caller's. */
  readonly isOwn?: boolean;
}

async function find(directory: string, storage: Storage, scope: Scope): Promise<Debris[]> {
  const { isOld, only, isOwn = false } = scope;
  const entries = await storage.list(directory === "" ? "." : directory);
  const names = new Set(entries.map(({ name }) => name));
  const groups = new Map<string, Found[]>();
  const others: Found[] = [];
  for (const { name, kind } of entries) {
    const debris = debrisName(name, kind);
    if (debris?.kind === "lock" && debris.of !== only) others.push({ name, ...debris });
    if (debris === undefined || (only ?? debris.of) !== debris.of) continue;
    groups.set(debris.of, [...(groups.get(debris.of) ?? []), { name, ...debris }]);
  }
  let isSaving: Promise<boolean> | undefined;
  const debris: Debris[] = [];
  for (const [of, found] of groups) {
    const lock = found.find(({ kind }) => kind === "lock");
    const isLeft = scope.isLeft ?? (await isAbandoned(storage, directory, lock));
    if (only === undefined && lock !== undefined && !isLeft) continue;
    const finish = names.has(stagedIndexFilename(of)) && !names.has(indexFilename(of));
    for (const { name, kind } of [...found, ...dataWithoutIndex(of, names, isLeft || isOwn)]) {
      // Whoever has locked a checkpoint gives the lock back himself.
      if (kind === "lock" && only !== undefined) continue;
      if (kind === "small" && !isLeft && !isOwn) {
        // Whoever saves a checkpoint of this folder may be writing it.
        isSaving ??= anyHeld(storage, directory, others);
        if (await isSaving) continue;
      }
      const path = joinPath(directory, name);
      const stat: Stat | undefined = await (kind === "shards" ? statOfShards(storage, path) : storage.stat(path));
      if (stat === undefined || !(isLeft || isOld(stat.modifiedMs))) continue;
      // An empty folder may be anybody's.
      if (kind === "shards" && stat.size === 0 && !isLeft && !isOwn) continue;
      const action = (kind === "staged" && finish) || stat.isComplete ? "finish" : "remove";
      debris.push({ path, kind: kind === "shards" ? "directory" : "file", size: stat.size, action });
    }
  }
  return debris.sort(byPath);
}

async function anyHeld(storage: Storage, directory: string, locks: readonly Found[]): Promise<boolean> {
  for (const lock of locks) if (!(await isAbandoned(storage, directory, lock))) return true;
  return false;
}

async function isAbandoned(storage: Storage, directory: string, lock: Found | undefined): Promise<boolean> {
  return lock !== undefined && (await abandonedText(storage, joinPath(directory, lock.name))) !== undefined;
}

/**
 * Data files that have lost their index, or never had one, if there is something to tell that they are debris.
 *
 * @param isKnown - whether a lock tells
 */
function dataWithoutIndex(of: string, names: ReadonlySet<string>, isKnown: boolean): Found[] {
  const index = indexFilename(of);
  const hasIndex = names.has(index) || names.has(stagedIndexFilename(of));
  const isTold = isKnown || [...names].some((name) => name.startsWith(`${index}.tempstate`));
  if (hasIndex || !isTold) return [];
  return [...names].flatMap((name): Found[] =>
    name.startsWith(`${of}.data-`) && /^\d{5,}-of-\d{5,}$/.test(name.slice(of.length + ".data-".length))
      ? [{ name, of, kind: "temporary" }]
      : [],
  );
}

interface Stat extends Pick<FileStat, "size" | "modifiedMs"> {
  /** Whether it is a folder in which a whole checkpoint waits for its names. */
  readonly isComplete?: boolean;
}

/** Of a folder for shards, the bytes and the last change of all that is in it; undefined if anything else is. */
async function statOfShards(storage: Storage, path: string): Promise<Stat | undefined> {
  const entries = await storage.list(path);
  if (!entries.every(({ name, kind }) => kind === "file" && isPartName(name))) return undefined;
  const parts = await Promise.all(entries.map(({ name }) => storage.stat(joinPath(path, name))));
  const changes = [await storage.stat(path), ...parts].map((stat) => stat?.modifiedMs ?? 0);
  return {
    size: parts.reduce((sum, stat) => sum + (stat?.size ?? 0), 0),
    modifiedMs: Math.max(...changes),
    isComplete: entries.some(({ name }) => parseCheckpointFilename(joinPath(path, name)).isWhole === true),
  };
}

async function clear(debris: readonly Debris[], storage: Storage): Promise<void> {
  const isStaged = ({ path }: Debris) => STAGED.test(path);
  const prefixes = debris.filter(isStaged).map(({ path }) => path.replace(STAGED, ""));
  for (const prefix of new Set(prefixes)) await settleBundle(storage, prefix);
  // What tells that others are debris goes behind them.
  const isLast = ({ path }: Debris) => path.endsWith(REMOVED_SUFFIX) || path.endsWith(LOCK_SUFFIX);
  const rest = debris.filter((item) => !isStaged(item));
  for (const item of [...rest.filter((item) => !isLast(item)), ...rest.filter(isLast)]) await removeItem(item, storage);
}

async function removeItem({ path, kind, action }: Debris, storage: Storage): Promise<void> {
  try {
    if (kind === "file") return await storage.remove(path);
    if (action === "finish") return await finishShards(storage, path.replace(/_temp$/, ""));
    for (const { name } of await storage.list(path)) await storage.remove(joinPath(path, name));
    await storage.removeDirectory(path);
  } catch (error) {
    if (!isCheckpointError(error, "NotFoundError")) throw error;
  }
}
