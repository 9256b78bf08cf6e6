import {
  type CheckpointFilename,
  indexFilename,
  isPartFilename,
  parseCheckpointFilename,
  stagedIndexFilename,
} from "@tfsaver/checkpoint-names";
import { type DirectoryEntry, joinPath, type Storage, storageAt } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { type FoundLock, findStaleLock } from "../lock/lock-file.js";
import { replacementIn } from "../lock/lock-text.js";
import type { StorageOptions } from "../options.js";
import { ownReplacement } from "../replacement/own-files.js";
import { isHalfDone } from "../replacement/settle-replacement.js";
import { byPath, type Debris, type DebrisScope } from "./debris.js";
import { parseTemporaryName, type TemporaryName } from "./debris-kind.js";
import { isRecognized } from "./recognize.js";
import { findUnfinishedDebris } from "./unfinished-debris.js";

/** Options of {@link findDebris} and `removeDebris`. */
export interface DebrisOptions extends Pick<StorageOptions, "storage"> {
  /**
   * Age in seconds from which a temporary file counts as debris where no lock tells. Files of a process that has ended are
   * debris at once, and so is what a removal began to remove; files of a living saver never are. Default: 3600.
   */
  readonly olderThan?: number | undefined;
  /**
   * Includes files and folders that only have the name of debris, while their content does not prove that a save wrote them.
   * They may belong to another program. Default: false.
   */
  readonly allTemporary?: boolean | undefined;
}

const HOUR = 3600;

/**
 * Finds the debris in a folder of checkpoints: temporary files and folders, TensorFlow's included, and files of checkpoints
 * whose removal was interrupted. Files of other programs that only have such a name are left out, unless `allTemporary` is
 * set. Does not look into subfolders.
 *
 * @throws `NotFoundError` if there is no such folder; the storage's errors.
 */
export async function findDebris(directory: string, options: DebrisOptions = {}): Promise<Debris[]> {
  const { allTemporary } = options;
  const storage = storageAt(options.storage ?? defaultStorage(), directory);
  const scope = { isOld: isOlderThan(options), allTemporary };
  const debris = await findDebrisIn(directory, storage, scope);
  const unfinished = await findUnfinishedDebris(directory, storage, scope);
  return [...debris, ...unfinished.map(({ debris }) => debris)].sort(byPath);
}

/** Returns the test of age that the options ask for. */
export function isOlderThan({ olderThan = HOUR }: DebrisOptions): (changeMs: number) => boolean {
  return (changeMs) => Date.now() - changeMs >= olderThan * 1000;
}

/** Finds the debris in a folder, in the order of paths. */
export async function findDebrisIn(directory: string, storage: Storage, scope: DebrisScope): Promise<Debris[]> {
  const { isOld, only, isOwn = false, allTemporary = false } = scope;
  const entries = await storage.list(directory === "" ? "." : directory);
  const names = new Set(entries.map(({ name }) => name));
  const { groups, otherLocks } = groupByPrefix(entries, only);
  const recognize = ({ name, file }: TemporaryName) => isRecognized(joinPath(directory, name), file, storage);
  let isSaving: Promise<boolean> | undefined;
  const debris: Debris[] = [];
  for (const [prefix, found] of groups) {
    const recognized = new Set<string>();
    const isStagedData = ({ kind, file }: TemporaryName) => kind === "staged" && file.role === "data";
    for (const temporary of found) {
      if (!isStagedData(temporary) && (await recognize(temporary))) recognized.add(temporary.name);
    }
    // Any bytes may be data. The index beside it tells whose they are.
    const hasIndex = names.has(indexFilename(prefix)) || recognized.has(stagedIndexFilename(prefix));
    for (const { name } of hasIndex ? found.filter(isStagedData) : []) recognized.add(name);
    const lock = found.find(({ kind, name }) => kind === "lock" && recognized.has(name));
    const stale = lock && (await findStale(storage, directory, lock));
    const isLeft = scope.isLeft ?? stale !== undefined;
    if (only === undefined && lock !== undefined && !isLeft) continue;
    const isMarked = !hasIndex && found.some(({ file, name }) => isRemoving(file) && recognized.has(name));
    const isProven = isLeft || isOwn || found.some(({ file, name }) => file.role === "index" && recognized.has(name));
    const finish = recognized.has(stagedIndexFilename(prefix)) && !names.has(indexFilename(prefix));
    const text = typeof stale === "object" ? stale.text : "";
    const replacement = ownReplacement(joinPath(directory, prefix), replacementIn(text));
    // The files that a lock names belong to a checkpoint that is about to be finished.
    const loose = isProven && replacement === undefined ? dataWithoutIndex(prefix, names) : [];
    const finishes = replacement !== undefined && (await isHalfDone(storage, replacement)) ? replacement.files : [];
    const waiting = new Set(finishes.flatMap((file) => (file.prepared ? [] : file.waitsAs)));
    for (const { name } of loose) recognized.add(name);
    for (const { name, kind, file } of [...found, ...loose]) {
      // The caller releases its own lock.
      if (kind === "lock" && only !== undefined && recognized.has(name)) continue;
      if (!recognized.has(name) && !allTemporary) continue;
      if (kind === "small" && !isLeft && !isOwn) {
        // Any saver that is at work in this folder may be writing it.
        isSaving ??= anyHeld(storage, directory, otherLocks);
        if (await isSaving) continue;
      }
      const path = joinPath(directory, name);
      const stat: Stat | undefined = await (kind === "shards" ? statOfShards(storage, path) : storage.stat(path));
      // A removal has begun, so that these files are of no use, even if they are new.
      const isUseless = isLeft || (isMarked && (isRemoving(file) || file.role === "data"));
      if (stat === undefined || !(isUseless || isOld(stat.modifiedMs))) continue;
      // An empty folder may belong to another program.
      if (kind === "shards" && stat.size === 0 && !isLeft && !isOwn) continue;
      debris.push({
        path,
        kind: kind === "shards" ? "directory" : "file",
        size: stat.size,
        action: (kind === "staged" && finish) || waiting.has(path) || stat.isComplete ? "finish" : "remove",
        isRecognized: recognized.has(name),
      });
    }
  }
  return debris.sort(byPath);
}

/** Groups the temporary names of a folder by prefix. With `only`, returns that group and the locks of all others. */
function groupByPrefix(entries: readonly DirectoryEntry[], only: string | undefined) {
  const groups = new Map<string, TemporaryName[]>();
  const otherLocks: TemporaryName[] = [];
  for (const entry of entries) {
    const temporary = parseTemporaryName(entry.name, entry.kind);
    if (temporary === undefined) continue;
    const { prefix, kind } = temporary;
    if (kind === "lock" && prefix !== only) otherLocks.push(temporary);
    if ((only ?? prefix) === prefix) groups.set(prefix, [...(groups.get(prefix) ?? []), temporary]);
  }
  return { groups, otherLocks };
}

function isRemoving({ role, stage }: CheckpointFilename): boolean {
  return role === "index" && stage === "removing";
}

async function anyHeld(storage: Storage, directory: string, locks: readonly TemporaryName[]): Promise<boolean> {
  for (const lock of locks) if ((await findStale(storage, directory, lock)) === undefined) return true;
  return false;
}

/** Returns a stale lock, or that the file is no lock at all; undefined if it is held. */
async function findStale(
  storage: Storage,
  directory: string,
  lock: TemporaryName,
): Promise<FoundLock | "not a lock" | undefined> {
  const path = joinPath(directory, lock.name);
  if (!(await isRecognized(path, lock.file, storage))) return "not a lock";
  return findStaleLock(storage, path);
}

/** Returns data files under their final names that have no index. */
function dataWithoutIndex(prefix: string, names: ReadonlySet<string>): TemporaryName[] {
  if (names.has(indexFilename(prefix)) || names.has(stagedIndexFilename(prefix))) return [];
  const files = [...names].map((name) => ({ name, file: parseCheckpointFilename(name) }));
  const data = files.filter(({ file }) => file.prefix === prefix && file.role === "data" && file.stage === "final");
  return data.map(({ name, file }) => ({ name, file, prefix, kind: "temporary" }));
}

interface Stat {
  readonly size: number;
  readonly modifiedMs: number;
  /** True for a folder in which a complete checkpoint waits for its final names. */
  readonly isComplete?: boolean;
}

/** Returns size and last change of all files in a folder for parts. Undefined if anything else is in it. */
async function statOfShards(storage: Storage, path: string): Promise<Stat | undefined> {
  const entries = await storage.list(path);
  if (!entries.every(({ name, kind }) => kind === "file" && isPartFilename(name))) return undefined;
  const parts = await Promise.all(entries.map(({ name }) => storage.stat(joinPath(path, name))));
  const changes = [await storage.stat(path), ...parts].map((stat) => stat?.modifiedMs ?? 0);
  return {
    size: parts.reduce((sum, stat) => sum + (stat?.size ?? 0), 0),
    modifiedMs: changes.reduce((latest, change) => Math.max(latest, change), 0),
    isComplete: entries.some(({ name }) => parseCheckpointFilename(joinPath(path, name)).isWhole === true),
  };
}
