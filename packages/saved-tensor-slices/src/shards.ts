/**
 * Where the shards of a V1 checkpoint are, and how they take the place of an older one's.
 *
 * @packageDocumentation
 */
import { isCheckpointError } from "@tfsaver/core";
import { dirname, escapeGlob, glob, type Storage, shardFilename } from "@tfsaver/storage";

/*
 * A checkpoint in shards is several files, of which none can take the place of an older one's without the others. So those
 * that replace a checkpoint are written into a folder beside it, and once all are there and flushed, the first of them
 * gets a name that says so. That is the step: from then on the checkpoint is what waits in the folder, and where a shard
 * waits no more, the file of its final name. Then the old files are removed, all of them before any of the new gets its
 * final name, so that nobody ever finds some of both. Whoever comes upon this half done can end it.
 */

/** What stands for the shards of a checkpoint in a pattern, behind its prefix. */
const ALL_SHARDS = /-\?{5}-of-(\d{5,}|\?{5})$/;

/** Where shards wait; the form of the name is TensorFlow's, for shards that are to be joined. */
function waitingFolder(prefix: string): string {
  return `${prefix}_temp`;
}

/** The prefix under which shards are to be written that are to replace those of `prefix`, in a folder of their own. */
export function waitingPrefix(prefix: string): string {
  return `${waitingFolder(prefix)}/part`;
}

/** The first shard, once all are there, is named so instead of `part`. */
const COMPLETE = "whole";

const COMPLETE_NAME = /^whole-00000-of-(\d{5,})$/;

/** Whether a name in a folder for shards says that a whole checkpoint waits there. */
export function saysComplete(name: string): boolean {
  return COMPLETE_NAME.test(name);
}

/** Whether a file in a folder for shards is one of theirs. */
export function isWaitingShard(name: string): boolean {
  return saysComplete(name) || /^part-\d{5,}-of-\d{5,}(?:\.tempstate\d{1,20})?$/.test(name);
}

/** The name that the file of a shard has in the end, wherever it waits. */
export function finalShardName(path: string): string {
  return path.replace(/_temp\/(?:part|whole)(?=-\d{5,}-of-\d{5,}$)/, "");
}

/**
 * The files of the checkpoint that `pattern` stands for, in the order of their shards, wherever they are: those that wait
 * to take the place of an older one's are the checkpoint already.
 */
export async function sliceFiles(storage: Storage, pattern: string): Promise<string[]> {
  const suffix = ALL_SHARDS.exec(pattern);
  if (suffix === null) {
    const found = await glob(storage, pattern);
    // A name with a `*` in it matches its own meta graph too.
    return found.includes(pattern) ? [pattern] : found;
  }
  const prefix = pattern.slice(0, suffix.index);
  const matches = () => shardsOf(storage, prefix, suffix[0]);
  if (!storage.capabilities.atomicRename) return matches();
  const find = async () => {
    const [first] = await shardsOf(storage, prefix, `${waitingFolder("")}/${COMPLETE}-00000-of-${suffix[1]}`);
    if (first === undefined) return matches();
    // In this order, because a shard that waits no more has its name.
    const waiting = await namesIn(storage, dirname(first));
    return joined(first, waiting, await matches());
  };
  const found = await find();
  // Between the two looks they may have got their names.
  return found.length > 0 ? found : find();
}

/**
 * What there is of a name with an end that is a pattern. The name is taken as it is, for TensorFlow escapes nothing where it
 * names all shards; only if there is nothing of that name is it taken for a pattern too.
 */
async function shardsOf(storage: Storage, prefix: string, end: string): Promise<string[]> {
  const found = await glob(storage, escapeGlob(prefix) + end);
  return found.length > 0 || escapeGlob(prefix) === prefix ? found : glob(storage, prefix + end);
}

/**
 * The files of a checkpoint of which shards wait: those and the first, and of the others what has a final name, because
 * that is not the old one any more.
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
 * Has the shards that were written under {@link waitingPrefix}, all of them, take the place of the checkpoint `prefix`. A
 * crash at any point leaves the old one or the new one; so does an error, after which {@link settleShards} cleans up.
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

/** Gives the shards of a checkpoint that has replaced another their final names, if they still wait for them. */
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
  // What is removed must not come back beside what takes its place.
  await storage.syncDirectory(dirname(prefix));
  for (const { from, to } of moves) {
    // The one that tells of the others comes last.
    if (from.endsWith(complete)) await storage.syncDirectory(dirname(prefix));
    await storage.rename(from, to);
  }
  await storage.syncDirectory(dirname(prefix));
  await removeLeft(storage, folder);
}

/**
 * Ends what a crash, or an error, has left of the replacing of shards: if they had replaced the others, they get their final
 * names; if not, they go. For whoever alone writes this checkpoint.
 */
export async function settleShards(storage: Storage, prefix: string): Promise<void> {
  await finishShards(storage, prefix);
  await removeLeft(storage, waitingFolder(prefix));
}

/** What else waits in a folder is of no use, and neither is the folder, unless something is in it that is no shard. */
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
