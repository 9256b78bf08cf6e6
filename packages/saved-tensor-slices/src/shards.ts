/**
 * Where the shards of a V1 checkpoint are, and how they take the place of an older one's.
 *
 * @packageDocumentation
 */
import {
  allShardsPattern,
  type CheckpointFilename,
  finalFilename,
  parseCheckpointFilename,
  parseShardFilespec,
  partsFolder,
  shardFilespec,
  stagedShardFilename,
  wholeShardFilename,
  wholeShardPattern,
} from "@tfsaver/checkpoint-names";
import { isCheckpointError } from "@tfsaver/core";
import { dirname, escapeGlob, glob, type Storage } from "@tfsaver/storage";

/*
 * A checkpoint in shards is several files, of which none can take the place of an older one's without the others. So those
 * that replace a checkpoint are written into a folder beside it, and once all are there and flushed, the first of them
 * gets a name that says so. That is the step: from then on the checkpoint is what waits in the folder, and where a shard
 * waits no more, the file of its final name. Then the old files are removed, all of them before any of the new gets its
 * final name, so that nobody ever finds some of both. Whoever comes upon this half done can end it.
 */

/**
 * The files of the checkpoint that `pattern` stands for, in the order of their shards, wherever they are: those that wait
 * to take the place of an older one's are the checkpoint already.
 */
export async function sliceFiles(storage: Storage, pattern: string): Promise<string[]> {
  const spec = parseShardFilespec(pattern);
  if (spec === undefined) {
    const found = await glob(storage, pattern);
    // A name with a `*` in it matches its own meta graph too.
    return found.includes(pattern) ? [pattern] : found;
  }
  const { prefix, numShards } = spec;
  const named = (of: string) => (numShards === undefined ? allShardsPattern(of) : shardFilespec(of, numShards));
  const whole = (of: string) => (numShards === undefined ? wholeShardPattern(of) : wholeShardFilename(of, numShards));
  const matches = () => shardsOf(storage, prefix, named);
  if (!storage.capabilities.atomicRename) return matches();
  const find = async () => {
    const [first] = await shardsOf(storage, prefix, whole);
    if (first === undefined) return matches();
    // In this order, because a shard that waits no more has its name.
    const waiting = await partsOf(storage, parseCheckpointFilename(first).prefix);
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
async function shardsOf(storage: Storage, prefix: string, patternOf: (prefix: string) => string): Promise<string[]> {
  const found = await glob(storage, patternOf(escapeGlob(prefix)));
  return found.length > 0 || escapeGlob(prefix) === prefix ? found : glob(storage, patternOf(prefix));
}

/**
 * The files of a checkpoint of which shards wait: those and the first, and of the others what has a final name, because
 * that is not the old one any more.
 */
function joined(first: string, parts: readonly Part[], named: readonly string[]): string[] {
  const { prefix, numShards } = parseCheckpointFilename(first);
  const waiting = parts.filter((part) => isStagedShard(part) && part.numShards === numShards).map(({ path }) => path);
  const moved = named.filter((path) => {
    const file = parseCheckpointFilename(path);
    return file.prefix === prefix && file.numShards === numShards;
  });
  const files = new Map(
    [...moved, first, ...waiting].map((path) => [finalFilename(parseCheckpointFilename(path)), path]),
  );
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

/** A file in the folder for the parts of a checkpoint, and what its name says. */
interface Part extends CheckpointFilename {
  readonly path: string;
}

async function partsOf(storage: Storage, prefix: string): Promise<Part[]> {
  const folder = partsFolder(prefix);
  const names = await namesIn(storage, folder);
  return names.map((name) => ({ path: `${folder}/${name}`, ...parseCheckpointFilename(`${folder}/${name}`) }));
}

function isStagedShard({ role, stage, isWhole }: Part): boolean {
  return role === "slices" && stage === "staged" && !isWhole;
}

/**
 * Has the shards that were written under {@link partPrefix}, all of them, take the place of the checkpoint `prefix`. A
 * crash at any point leaves the old one or the new one; so does an error, after which {@link settleShards} cleans up.
 */
export async function commitShards(storage: Storage, prefix: string, numShards: number): Promise<void> {
  await storage.syncDirectory(partsFolder(prefix));
  await storage.rename(stagedShardFilename(prefix, 0, numShards), wholeShardFilename(prefix, numShards));
  await finishShards(storage, prefix);
}

/** Gives the shards of a checkpoint that has replaced another their final names, if they still wait for them. */
export async function finishShards(storage: Storage, prefix: string): Promise<void> {
  const parts = await partsOf(storage, prefix);
  const whole = parts.find(({ isWhole }) => isWhole);
  if (whole === undefined) return;
  const waiting = parts.filter((part) => isStagedShard(part) && part.numShards === whole.numShards);
  const moves = [...waiting, whole].map((part) => ({ from: part.path, to: finalFilename(part) }));
  await storage.syncDirectory(partsFolder(prefix));
  for (const { to } of moves) if ((await storage.stat(to)) !== undefined) await storage.remove(to);
  // What is removed must not come back beside what takes its place.
  await storage.syncDirectory(dirname(prefix));
  for (const { from, to } of moves) {
    // The one that tells of the others comes last.
    if (from === whole.path) await storage.syncDirectory(dirname(prefix));
    await storage.rename(from, to);
  }
  await storage.syncDirectory(dirname(prefix));
  await removeLeft(storage, prefix);
}

/**
 * Ends what a crash, or an error, has left of the replacing of shards: if they had replaced the others, they get their final
 * names; if not, they go. For whoever alone writes this checkpoint.
 */
export async function settleShards(storage: Storage, prefix: string): Promise<void> {
  await finishShards(storage, prefix);
  await removeLeft(storage, prefix);
}

/** What else waits in a folder is of no use, and neither is the folder, unless something is in it that is no shard. */
async function removeLeft(storage: Storage, prefix: string): Promise<void> {
  const folder = partsFolder(prefix);
  if ((await storage.stat(folder))?.kind !== "directory") return;
  const parts = await partsOf(storage, prefix);
  // Temporary shards too, but nothing of a V2 checkpoint.
  const isOurs = (part: Part) => part.role === "slices" && part.prefix === prefix;
  for (const { path } of parts.filter(isOurs)) await storage.remove(path);
  if (parts.every(isOurs)) await storage.removeDirectory(folder);
}

async function namesIn(storage: Storage, folder: string): Promise<string[]> {
  try {
    return (await storage.list(folder)).map(({ name }) => name);
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError", "FailedPreconditionError")) return [];
    throw error;
  }
}
