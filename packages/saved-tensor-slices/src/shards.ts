/**
 * Finds the shards of a V1 checkpoint, and commits new shards in place of older ones.
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
 * The shards of a checkpoint are several files, which must be replaced in one step. So new shards are written into a folder
 * beside the checkpoint. When all of them are written and flushed, the first shard is renamed from `part` to `whole`, and that
 * is the step: from now on the checkpoint consists of the shards in the folder and, for each shard that has left the folder, of
 * the file with its final name. Then all old files are removed, and only after that do new ones get their final names, so that
 * no reader ever finds some of each. If a crash interrupts this, `settleShards` completes it.
 */

/**
 * Returns the files of the checkpoint that `pattern` means, in the order of their shards. If shards are staged and complete,
 * they are part of it.
 */
export async function sliceFiles(storage: Storage, pattern: string): Promise<string[]> {
  const spec = parseShardFilespec(pattern);
  if (spec === undefined) {
    const found = await glob(storage, pattern);
    // A file whose name contains `*` is a pattern that also matches its meta graph.
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
    // List the folder first: a shard that leaves it in between is then found under its final name.
    const waiting = await partsOf(storage, parseCheckpointFilename(first).prefix);
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
async function shardsOf(storage: Storage, prefix: string, patternOf: (prefix: string) => string): Promise<string[]> {
  const found = await glob(storage, patternOf(escapeGlob(prefix)));
  return found.length > 0 || escapeGlob(prefix) === prefix ? found : glob(storage, patternOf(prefix));
}

/**
 * Returns the files of a checkpoint whose staged shards are complete: those in the folder and, for shards that have left it,
 * those with a final name, which belong to the new checkpoint too.
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
 * final names, others are removed. Call it only while nobody else writes this checkpoint.
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

async function namesIn(storage: Storage, folder: string): Promise<string[]> {
  try {
    return (await storage.list(folder)).map(({ name }) => name);
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError", "FailedPreconditionError")) return [];
    throw error;
  }
}
