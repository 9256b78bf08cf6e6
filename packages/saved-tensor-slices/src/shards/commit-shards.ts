import { finalFilename, partsFolder, stagedShardFilename, wholeShardFilename } from "@tfsaver/checkpoint-names";
import { dirname, type Storage } from "@tfsaver/storage";
import { isStagedShard, type Part, partsOf } from "./staged-parts.js";

/*
 * The shards of a checkpoint are several files, which must be replaced in one step. So new shards are written into a folder
 * beside the checkpoint. When all of them are written and flushed, the first shard is renamed from `part` to `whole`, and that
 * is the step: from now on the checkpoint consists of the shards in the folder and, for each shard that has left the folder, of
 * the file with its final name. Then all old files are removed, and only after that do new ones get their final names, so that
 * no reader ever finds some of each. If a crash interrupts this, `settleShards` completes it.
 */

/**
 * Commits the shards that were written under `partPrefix`: they replace the checkpoint `prefix`. A crash or an error at any
 * point leaves the old checkpoint or the new one; {@link settleShards} cleans up afterwards.
 */
export async function commitShards(storage: Storage, prefix: string, numShards: number): Promise<void> {
  await storage.syncDirectory(partsFolder(prefix));
  await storage.rename(stagedShardFilename(prefix, 0, numShards), wholeShardFilename(prefix, numShards));
  await finishShards(storage, prefix);
}

/** Gives staged shards their final names, if they are complete. */
export async function finishShards(storage: Storage, prefix: string): Promise<void> {
  const parts = await partsOf(storage, prefix);
  const whole = parts.find(({ isWhole }) => isWhole);
  if (whole === undefined) return;
  const waiting = parts.filter((part) => isStagedShard(part) && part.numShards === whole.numShards);
  const moves = [...waiting, whole].map((part) => ({ from: part.path, to: finalFilename(part) }));
  await storage.syncDirectory(partsFolder(prefix));
  for (const { to } of moves) if ((await storage.stat(to)) !== undefined) await storage.remove(to);
  // The removals must be durable before new files appear, or old ones could come back beside them after a crash.
  await storage.syncDirectory(dirname(prefix));
  for (const { from, to } of moves) {
    // The first shard marks the others as complete, so it is renamed last.
    if (from === whole.path) await storage.syncDirectory(dirname(prefix));
    await storage.rename(from, to);
  }
  await storage.syncDirectory(dirname(prefix));
  await removeLeft(storage, prefix);
}

/**
 * Completes or rolls back the replacement of shards that a crash or an error interrupted: complete staged shards get their
 * final names, others are removed. Call it only while you hold the lock of this checkpoint.
 */
export async function settleShards(storage: Storage, prefix: string): Promise<void> {
  await finishShards(storage, prefix);
  await removeLeft(storage, prefix);
}

/** Removes the remaining staged shards, and their folder unless it holds other files. */
async function removeLeft(storage: Storage, prefix: string): Promise<void> {
  const folder = partsFolder(prefix);
  if ((await storage.stat(folder))?.kind !== "directory") return;
  const parts = await partsOf(storage, prefix);
  // Temporary shards too, but nothing of a V2 checkpoint.
  const isOurs = (part: Part) => part.role === "slices" && part.prefix === prefix;
  for (const { path } of parts.filter(isOurs)) await storage.remove(path);
  if (parts.every(isOurs)) await storage.removeDirectory(folder);
}
