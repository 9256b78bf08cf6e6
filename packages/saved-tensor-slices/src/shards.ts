/**
 * Finds the shards of a V1 checkpoint, and commits new shards in place of older ones.
 *
 * @packageDocumentation
 */
import { isCheckpointError } from "@tfsaver/core";
import { dirname, escapeGlob, glob, type Storage, shardFilename } from "@tfsaver/storage";

/*
 * The shards of a checkpoint are several files, which must be replaced in one step. So new shards are written into a folder
 * beside the checkpoint. When all of them are written and flushed, the first shard is renamed from `part` to `whole`, and that
 * is the step: from now on the checkpoint consists of the shards in the folder and, for each shard that has left the folder, of
 * the file with its final name. Then all old files are removed, and only after that do new ones get their final names, so that
 * no reader ever finds some of each. If a crash interrupts this, `settleShards` completes it.
 */

/** The end of a pattern that means all shards of a checkpoint. */
const ALL_SHARDS = /-\?{5}-of-(\d{5,}|\?{5})$/;

/** Returns the folder of staged shards. TensorFlow uses the same name for shards that are to be merged. */
function waitingFolder(prefix: string): string {
  return `${prefix}_temp`;
}

/** Returns the prefix for writing shards that are to replace those of `prefix`. It lies in the folder of staged shards. */
export function waitingPrefix(prefix: string): string {
  return `${waitingFolder(prefix)}/part`;
}

/** Name of the first shard instead of `part`, once all shards are complete. */
const COMPLETE = "whole";

const COMPLETE_NAME = /^whole-00000-of-(\d{5,})$/;

/** True if a file name in a folder of staged shards means that all shards are complete. */
export function saysComplete(name: string): boolean {
  return COMPLETE_NAME.test(name);
}

/** True if a file name in a folder of staged shards is that of a shard, complete or temporary. */
export function isWaitingShard(name: string): boolean {
  return saysComplete(name) || /^part-\d{5,}-of-\d{5,}(?:\.tempstate\d{1,20})?$/.test(name);
}

/** Returns the final path of a shard that may be staged. */
export function finalShardName(path: string): string {
  return path.replace(/_temp\/(?:part|whole)(?=-\d{5,}-of-\d{5,}$)/, "");
}

/**
 * Returns the files of the checkpoint that `pattern` means, in the order of their shards. If shards are staged and complete,
 * they are part of it.
 */
export async function sliceFiles(storage: Storage, pattern: string): Promise<string[]> {
  const suffix = ALL_SHARDS.exec(pattern);
  if (suffix === null) {
    const found = await glob(storage, pattern);
    // A file whose name contains `*` is a pattern that also matches its meta graph.
    return found.includes(pattern) ? [pattern] : found;
  }
  const prefix = pattern.slice(0, suffix.index);
  const matches = () => shardsOf(storage, prefix, suffix[0]);
  if (!storage.capabilities.atomicRename) return matches();
  const find = async () => {
    const [first] = await shardsOf(storage, prefix, `${waitingFolder("")}/${COMPLETE}-00000-of-${suffix[1]}`);
    if (first === undefined) return matches();
    // List the folder first: a shard that leaves it in between is then found under its final name.
    const waiting = await namesIn(storage, dirname(first));
    return joined(first, waiting, await matches());
  };
  const found = await find();
  // Try again: the shards may have got their final names between the two attempts.
  return found.length > 0 ? found : find();
}

/**
 * Returns the files that match a prefix and an end, which is a pattern. The prefix is taken literally, because TensorFlow does
 * not escape it when it names all shards. Only if that matches nothing is the prefix taken as a pattern too.
 */
async function shardsOf(storage: Storage, prefix: string, end: string): Promise<string[]> {
  const found = await glob(storage, escapeGlob(prefix) + end);
  return found.length > 0 || escapeGlob(prefix) === prefix ? found : glob(storage, prefix + end);
}

/**
 * Returns the files of a checkpoint whose staged shards are complete: those in the folder and, for shards that have left it,
 * those with a final name, which belong to the new checkpoint too.
 */
function joined(first: string, inFolder: readonly string[], named: readonly string[]): string[] {
  const folder = dirname(first);
  const count = first.slice(first.lastIndexOf("-of-"));
  const waiting = inFolder
    .filter((name) => name.startsWith("part-") && name.endsWith(count))
    .map((name) => `${folder}/${name}`);
  const start = finalShardName(first).slice(0, -`00000${count}`.length);
  const moved = named.filter((path) => path.startsWith(start) && path.endsWith(count));
  const files = new Map([...moved, first, ...waiting].map((path) => [finalShardName(path), path]));
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

/**
 * Commits the shards that were written under {@link waitingPrefix}: they replace the checkpoint `prefix`. A crash or an error
 * at any point leaves the old checkpoint or the new one; {@link settleShards} cleans up afterwards.
 */
export async function commitShards(storage: Storage, prefix: string, numShards: number): Promise<void> {
  const folder = waitingFolder(prefix);
  await storage.syncDirectory(folder);
  await storage.rename(
    shardFilename(waitingPrefix(prefix), 0, numShards),
    shardFilename(`${folder}/${COMPLETE}`, 0, numShards),
  );
  await finishShards(storage, prefix);
}

/** Gives staged shards their final names, if they are complete. */
export async function finishShards(storage: Storage, prefix: string): Promise<void> {
  const folder = waitingFolder(prefix);
  const names = await namesIn(storage, folder);
  const complete = names.find(saysComplete);
  if (complete === undefined) return;
  const count = COMPLETE_NAME.exec(complete)?.[1];
  const waiting = names.filter((name) => name.startsWith("part-") && name.endsWith(`-of-${count}`));
  const moves = [...waiting, complete].map((name) => ({
    from: `${folder}/${name}`,
    to: finalShardName(`${folder}/${name}`),
  }));
  await storage.syncDirectory(folder);
  for (const { to } of moves) if ((await storage.stat(to)) !== undefined) await storage.remove(to);
  // The removals must be durable before new files appear, or old ones could come back beside them after a crash.
  await storage.syncDirectory(dirname(prefix));
  for (const { from, to } of moves) {
    // The first shard marks the others as complete, so it is renamed last.
    if (from.endsWith(complete)) await storage.syncDirectory(dirname(prefix));
    await storage.rename(from, to);
  }
  await storage.syncDirectory(dirname(prefix));
  await removeLeft(storage, folder);
}

/**
 * Completes or rolls back the replacement of shards that a crash or an error interrupted: complete staged shards get their
 * final names, others are removed. Call it only while nobody else writes this checkpoint.
 */
export async function settleShards(storage: Storage, prefix: string): Promise<void> {
  await finishShards(storage, prefix);
  await removeLeft(storage, waitingFolder(prefix));
}

/** Removes the remaining staged shards, and their folder unless it holds other files. */
async function removeLeft(storage: Storage, folder: string): Promise<void> {
  if ((await storage.stat(folder))?.kind !== "directory") return;
  const names = await namesIn(storage, folder);
  for (const name of names.filter(isWaitingShard)) await storage.remove(`${folder}/${name}`);
  if (names.every(isWaitingShard)) await storage.removeDirectory(folder);
}

async function namesIn(storage: Storage, folder: string): Promise<string[]> {
  try {
    return (await storage.list(folder)).map(({ name }) => name);
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError", "FailedPreconditionError")) return [];
    throw error;
  }
}
