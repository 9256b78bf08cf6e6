import type { Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { bundleExists } from "@tfsaver/tensor-bundle";
import { existingV1, prefixInName, prefixOfFile, slicesOfMetaGraph } from "./prefix-of-file.js";

/** Options of {@link resolvePrefix}. */
export interface ResolvePrefixOptions {
  /** The storage to search. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/**
 * Returns the prefix of the checkpoint that a path means: the path itself, if a checkpoint has exactly this prefix; otherwise
 * the prefix of the checkpoint whose `.index`, `.data-00000-of-00001` or `.meta` it is. Undefined if there is none.
 *
 * @returns the prefix for `openCheckpoint`; for a V1 checkpoint in shards a pattern, `…-?????-of-00002`
 * @throws the storage's errors.
 * @example
 * ```ts
 * import { resolvePrefix } from "@tfsaver/checkpoint-reader";
 *
 * const prefix = await resolvePrefix("fixtures/goldens/v2-with-meta/model.ckpt-7.index");
 * console.log(prefix); // fixtures/goldens/v2-with-meta/model.ckpt-7
 * ```
 */
export async function resolvePrefix(path: string, options: ResolvePrefixOptions = {}): Promise<string | undefined> {
  const storage = options.storage ?? defaultStorage();
  if (await bundleExists(storage, path)) return path;
  if (prefixInName(path) === undefined) return existingV1(path, storage);
  const prefix = await prefixOfFile(path, storage);
  if (prefix === undefined) return path;
  return (await bundleExists(storage, prefix)) ? prefix : slicesOfMetaGraph(path, prefix, storage);
}
