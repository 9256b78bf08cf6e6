import { parseShardFilespec } from "@tfsaver/checkpoint-names";
import { isCheckpointError } from "@tfsaver/core";
import { canonicalPath, type Storage } from "@tfsaver/storage";

/**
 * Returns one text for all spellings of a checkpoint's path (`run/m`, `run/./m`, through a link of the folder), whether it is a
 * prefix or the pattern of V1 shards. The checkpoint need not exist. A path that leads out of the storage (`gs://…`) is its own
 * identity: lists of checkpoints come from files, and may name other machines.
 *
 * @throws the storage's other errors.
 */
export async function checkpointIdentity(path: string, storage: Storage): Promise<string> {
  const prefix = parseShardFilespec(path)?.prefix ?? path;
  try {
    return await canonicalPath(storage, prefix);
  } catch (error) {
    if (isCheckpointError(error, "UnimplementedError", "InvalidArgumentError")) return prefix;
    throw error;
  }
}
