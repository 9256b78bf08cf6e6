import {
  allShardsPattern,
  finalFilename,
  parseCheckpointFilename,
  parseShardFilespec,
  shardFilespec,
  wholeShardFilename,
  wholeShardPattern,
} from "@tfsaver/checkpoint-names";
import { escapeGlob, glob, type Storage, storageAt } from "@tfsaver/storage";
import { isStagedShard, type Part, partsOf } from "./staged-parts.js";

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
  if (!storageAt(storage, pattern).capabilities.atomicRename) return matches();
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
