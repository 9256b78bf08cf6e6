import { indexFilename, stagedIndexFilename } from "@tfsaver/checkpoint-names";
import { sliceFiles } from "@tfsaver/saved-tensor-slices/shards";
import { glob, type Storage } from "@tfsaver/storage";

/**
 * By which files a checkpoint is known to exist: its V2 index, which waits under another name while it replaces an older
 * one; or else whatever is named like the prefix itself, or waits to be. With a version, only what that format has.
 */
export async function checkpointFiles(storage: Storage, prefix: string, version?: number): Promise<string[]> {
  const index = version === 1 ? [] : await indexFiles(storage, prefix);
  return index.length > 0 || version === 2 ? index : sliceFiles(storage, prefix);
}

async function indexFiles(storage: Storage, prefix: string): Promise<string[]> {
  const path = indexFilename(prefix);
  // The index twice, because it may get its name between the two looks.
  for (const pattern of [path, stagedIndexFilename(prefix), path]) {
    const files = await glob(storage, pattern);
    if (files.length > 0) return files;
  }
  return [];
}
