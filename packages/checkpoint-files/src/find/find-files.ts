import { indexFilename, stagedIndexFilename } from "@tfsaver/checkpoint-names";
import { sliceFiles } from "@tfsaver/saved-tensor-slices/shards";
import { glob, type Storage } from "@tfsaver/storage";

/**
 * Finds the files that decide whether a checkpoint exists: the V2 index, under its final or its staged name; otherwise the
 * V1 files, staged or not.
 *
 * @param version - the one format to look for, 1 or 2. Default: both
 */
export async function findCheckpointFiles(storage: Storage, prefix: string, version?: number): Promise<string[]> {
  const index = version === 1 ? [] : await indexFiles(storage, prefix);
  return index.length > 0 || version === 2 ? index : sliceFiles(storage, prefix);
}

async function indexFiles(storage: Storage, prefix: string): Promise<string[]> {
  const path = indexFilename(prefix);
  // The final name is tried again last: the index may get it between the first two looks.
  const names = storage.capabilities.atomicRename ? [path, stagedIndexFilename(prefix), path] : [path];
  for (const pattern of names) {
    const files = await glob(storage, pattern);
    if (files.length > 0) return files;
  }
  return [];
}
