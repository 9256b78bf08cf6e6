import { defaultStorage } from "@tfsaver/storage/default";
import type { CheckpointReader, OpenCheckpointOptions } from "./checkpoint-reader.js";
import { prefixOfFile, slicesOfMetaGraph } from "./prefix/prefix-of-file.js";
import { openV1 } from "./v1-reader.js";

/**
 * Opens what is no prefix of a V2 checkpoint: a file of a checkpoint, or a V1 checkpoint.
 *
 * @param openV2 - opens a V2 checkpoint by its prefix; undefined if there is none
 */
export async function openOther(
  path: string,
  options: OpenCheckpointOptions,
  openV2: (prefix: string, options: OpenCheckpointOptions) => Promise<CheckpointReader | undefined>,
): Promise<CheckpointReader> {
  const { storage = defaultStorage() } = options;
  const prefix = await prefixOfFile(path, storage);
  if (prefix === undefined) return openV1(path, options);
  const found = await openV2(prefix, options);
  return found ?? openV1((await slicesOfMetaGraph(path, prefix, storage)) ?? path, options);
}
