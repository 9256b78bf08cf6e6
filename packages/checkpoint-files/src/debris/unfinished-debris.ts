import { lockFilename } from "@tfsaver/checkpoint-names";
import { joinPath, type Storage, type UnfinishedFile } from "@tfsaver/storage";
import { findStaleLock, readLockFile } from "../lock/lock-file.js";
import { replacementIn } from "../lock/lock-text.js";
import { ownReplacement, prefixNameOf } from "../replacement/own-files.js";
import { isHalfDone } from "../replacement/settle-replacement.js";
import type { Debris, DebrisScope } from "./debris.js";

/** A file that was created and never closed, by a save that was interrupted. */
export interface UnfinishedDebris {
  readonly file: UnfinishedFile;
  readonly debris: Debris;
}

/** Finds the files of checkpoints in a folder that were created and never closed. */
export async function findUnfinishedDebris(
  directory: string,
  storage: Storage,
  { isOld, only, isLeft }: DebrisScope,
): Promise<UnfinishedDebris[]> {
  const files = (await storage.unfinished?.list(directory === "" ? "." : directory)) ?? [];
  const locks = new Map<string, Promise<LockOfSave>>();
  const found: UnfinishedDebris[] = [];
  for (const file of files) {
    const prefix = prefixNameOf(file.path);
    if (prefix === undefined || (only !== undefined && prefix !== only)) continue;
    const lock = locks.get(prefix) ?? lockOf(joinPath(directory, prefix), storage);
    locks.set(prefix, lock);
    const { isHeld, isStale, finishes } = await lock;
    if (only === undefined && isHeld) continue;
    if (!(isLeft || isStale || isOld(file.startedMs))) continue;
    const action = finishes.has(file.ticket) ? "finish" : "remove";
    found.push({ file, debris: { path: file.path, kind: "unfinished", size: 0, action, isRecognized: true } });
  }
  return found;
}

/** What is known from the lock of a checkpoint: whether a save is under way, and which unfinished files it names. */
interface LockOfSave {
  readonly isHeld: boolean;
  readonly isStale: boolean;
  /** The tickets of the files that complete the checkpoint. */
  readonly finishes: ReadonlySet<string>;
}

async function lockOf(prefix: string, storage: Storage): Promise<LockOfSave> {
  const path = lockFilename(prefix);
  const lock = await readLockFile(storage, path);
  const isStale = lock !== undefined && (await findStaleLock(storage, path)) !== undefined;
  const own = ownReplacement(prefix, replacementIn(lock?.text ?? ""));
  const finishes = own !== undefined && (await isHalfDone(storage, own)) ? own.files : [];
  return {
    isHeld: lock !== undefined && !isStale,
    isStale,
    finishes: new Set(finishes.flatMap(({ prepared }) => prepared?.ticket ?? [])),
  };
}
