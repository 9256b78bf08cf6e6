import {
  allShardsPattern,
  parseCheckpointFilename,
  parseShardFilespec,
  partPrefix,
  shardFilename,
  shardFilespec,
} from "@tfsaver/checkpoint-names";
import { RuntimeError } from "@tfsaver/core";
import { commitShards, settleShards, sliceFiles } from "@tfsaver/saved-tensor-slices/shards";
import type { CommitOptions } from "@tfsaver/storage";
import { createDirectoryIfMissing, dirname, escapeGlob, type Storage } from "@tfsaver/storage";

/**
 * Writes the shards of a V1 checkpoint. Where they replace an older checkpoint, they are written into a folder beside it
 * and get their final names when all are there, so that the old shards are replaced all at once.
 *
 * On failure, the older checkpoint stands, or the new one; leftovers are removed by `removeDebrisOf`.
 *
 * @param write - writes the shards of the prefix that it is given, each flushed, and returns their pattern
 * @returns the pattern of the shards of `prefix`
 * @throws `RuntimeError` if not all shards are visible in the end; whatever `write` and the storage throw.
 */
export async function writeShards(
  prefix: string,
  write: (prefix: string) => Promise<string>,
  { storage, beforeCommit }: CommitOptions & { readonly storage: Storage },
): Promise<string> {
  if (!storage.capabilities.atomicRename) return write(prefix);
  await settleShards(storage, prefix);
  if (!(await isReplaced(storage, prefix))) return write(prefix);
  const waiting = partPrefix(prefix);
  await createDirectoryIfMissing(storage, dirname(waiting));
  const written = await write(waiting);
  const spec = parseShardFilespec(written);
  if (spec?.prefix !== waiting || !(await areThere(storage, waiting, spec.numShards))) {
    throw new RuntimeError(
      `The session has saved ${written}, but not all of its shards are in the folder from which they would replace ` +
        `${prefix}. Where servers write checkpoints, their folder must be visible here too, under the same path. Otherwise, ` +
        "number the checkpoints with `globalStep`, so that none is replaced, or use V2.",
      { path: prefix },
    );
  }
  await beforeCommit?.();
  await commitShards(storage, prefix, spec.numShards as number);
  return shardFilespec(prefix, spec.numShards as number);
}

/** True if all shards of an older checkpoint are visible. A partly visible checkpoint counts as absent. */
async function isReplaced(storage: Storage, prefix: string): Promise<boolean> {
  const files = await sliceFiles(storage, allShardsPattern(escapeGlob(prefix)));
  const counts = new Set(files.map((file) => parseCheckpointFilename(file).numShards));
  for (const count of counts) if (await areThere(storage, prefix, count)) return true;
  return false;
}

async function areThere(storage: Storage, prefix: string, numShards = 0): Promise<boolean> {
  for (let shard = 0; shard < numShards; shard++) {
    if ((await storage.stat(shardFilename(prefix, shard, numShards))) === undefined) return false;
  }
  return numShards > 0;
}
