import { parseShardFilespec } from "@tfsaver/checkpoint-names";
import { canonicalPath, type Storage } from "@tfsaver/storage";

/**
 * Returns one text for all spellings of a checkpoint's path (`run/m`, `run/./m`, through a link of the folder), whether it is a
 * prefix or the pattern of V1 shards. The checkpoint need not exist.
 *
 * @throws the storage's errors.
 */
export function checkpointIdentity(path: string, storage: Storage): Promise<string> {
  return canonicalPath(storage, parseShardFilespec(path)?.prefix ?? path);
}
