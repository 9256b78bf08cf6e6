import { shardFilename, partPrefix as waitingPrefix } from "@tfsaver/checkpoint-names";
import { type CommitOptions, RuntimeError } from "@tfsaver/core";
import { commitShards, settleShards, sliceFiles } from "@tfsaver/saved-tensor-slices/shards";
import { createDirectoryIfMissing, dirname, escapeGlob, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import type { StorageOptions } from "./options.js";

/** What ends the pattern for all shards of a checkpoint. */
const PATTERN_END = /^-\?{5}-of-(\d{5,})$/;

/**
 * Writes the shards of a V1 checkpoint, so that they take the place of an older one of the same path all at once: then they
 * are written into a folder beside it, and get their names when all are there. For whoever alone writes this checkpoint.
 * What is left if it fails, {@link removeDebrisOf} knows.
 *
 * @param write - writes the shards of the prefix that it is given, each flushed, and gives their pattern
 * @returns the pattern of the shards of `prefix`
 * @throws `RuntimeError` if not all shards are there in the end; what `write` and the storage throw. The older checkpoint
 * stands then, or the new one.
 */
export async function writeShards(
  prefix: string,
  write: (prefix: string) => Promise<string>,
  options: Pick<StorageOptions, "storage"> & CommitOptions = {},
): Promise<string> {
  const storage = options.storage ?? defaultStorage();
  if (!storage.capabilities.atomicRename) return write(prefix);
  await settleShards(storage, prefix);
  if (!(await isReplaced(storage, prefix))) return write(prefix);
  const waiting = waitingPrefix(prefix);
  await createDirectoryIfMissing(storage, dirname(waiting));
  const written = await write(waiting);
  const end = written.slice(waiting.length);
  const numShards = Number(PATTERN_END.exec(end)?.[1] ?? 0);
  if (!written.startsWith(waiting) || numShards === 0 || !(await areThere(storage, waiting, numShards))) {
    throw new RuntimeError(
      `The session has saved ${written}, but not all shards of it are where ${prefix} could be replaced by them. Where ` +
        "servers write checkpoints, their folder must be visible here too, under the same path. Number the checkpoints " +
        "with `globalStep`, so that none is replaced, or use V2.",
      { path: prefix },
    );
  }
  await options.beforeCommit?.();
  await commitShards(storage, prefix, numShards);
  return prefix + end;
}

/** Whether there is a whole checkpoint; of one that can't be seen, or only in part, nothing can be said anyway. */
async function isReplaced(storage: Storage, prefix: string): Promise<boolean> {
  const files = await sliceFiles(storage, `${escapeGlob(prefix)}-?????-of-?????`);
  const counts = new Set(files.map((file) => Number(file.slice(file.lastIndexOf("-") + 1))));
  for (const count of counts) if (await areThere(storage, prefix, count)) return true;
  return false;
}

async function areThere(storage: Storage, prefix: string, numShards: number): Promise<boolean> {
  if (!(numShards > 0)) return false;
  for (let shard = 0; shard < numShards; shard++) {
    if ((await storage.stat(shardFilename(prefix, shard, numShards))) === undefined) return false;
  }
  return true;
}
