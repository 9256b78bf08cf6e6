import { glob, type Storage } from "@tfsaver/storage";

/** By which files a checkpoint is known to exist: its V2 index, or else whatever is named like the prefix itself. */
export async function checkpointFiles(storage: Storage, prefix: string): Promise<string[]> {
  const indexes = await glob(storage, `${prefix}.index`);
  return indexes.length > 0 ? indexes : glob(storage, prefix);
}
