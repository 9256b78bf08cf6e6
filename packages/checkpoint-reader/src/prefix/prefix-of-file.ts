import { allShardsPattern, parseCheckpointFilename, shardFilespec } from "@tfsaver/checkpoint-names";
import { isCheckpointError } from "@tfsaver/core";
import { isSlicesFile } from "@tfsaver/saved-tensor-slices";
import { sliceFiles } from "@tfsaver/saved-tensor-slices/shards";
import { basename, escapeGlob, type Storage } from "@tfsaver/storage";

/** Returns the prefix in the name of a file, unless the file is a V1 checkpoint itself. */
export async function prefixOfFile(path: string, storage: Storage): Promise<string | undefined> {
  const prefix = prefixInName(path);
  return prefix === undefined || (await isSlicesFile(path, storage)) ? undefined : prefix;
}

/** Returns the V1 checkpoint of a meta graph, which is the only file beside it, by the prefix in the meta graph's name. */
export async function slicesOfMetaGraph(path: string, prefix: string, storage: Storage): Promise<string | undefined> {
  return parseCheckpointFilename(path).role === "meta-graph" ? existingV1(prefix, storage) : undefined;
}

/** Returns the prefix that the name of an index, a data file or a meta graph says; `./` for a prefix without any text. */
export function prefixInName(path: string): string | undefined {
  const { role, stage, prefix } = parseCheckpointFilename(path);
  if (stage !== "final" || !["index", "data", "meta-graph"].includes(role)) return undefined;
  return prefix === "" ? "./" : prefix;
}

/** Returns the prefix or pattern of a V1 checkpoint that has this name, or whose shards do. Undefined if there is none. */
export async function existingV1(prefix: string, storage: Storage): Promise<string | undefined> {
  const [first] = prefix === "" ? [] : await sliceFiles(storage, prefix);
  if (first !== undefined && (await storage.stat(first))?.kind === "file") return prefix;
  return allShardsOf(prefix, storage);
}

/**
 * Returns the pattern of all shards of a V1 checkpoint, as TensorFlow writes it: `…-?????-of-00002`. Undefined if there are
 * none, or if the storage can't list them.
 */
async function allShardsOf(prefix: string, storage: Storage): Promise<string | undefined> {
  try {
    const [first] = await sliceFiles(storage, allShardsPattern(escapeGlob(prefix)));
    const numShards = first === undefined ? undefined : parseCheckpointFilename(basename(first)).numShards;
    return numShards === undefined ? undefined : shardFilespec(escapeGlob(prefix), numShards);
  } catch (error) {
    if (isCheckpointError(error, "UnimplementedError")) return undefined;
    throw error;
  }
}
