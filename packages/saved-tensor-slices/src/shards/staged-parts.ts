import { type CheckpointFilename, parseCheckpointFilename, partsFolder } from "@tfsaver/checkpoint-names";
import { isCheckpointError } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";

/** A file in the folder for the parts of a checkpoint, and what its name says. */
export interface Part extends CheckpointFilename {
  readonly path: string;
}

/** Returns the files in the folder for the parts of a checkpoint. */
export async function partsOf(storage: Storage, prefix: string): Promise<Part[]> {
  const folder = partsFolder(prefix);
  const names = await namesIn(storage, folder);
  return names.map((name) => ({ path: `${folder}/${name}`, ...parseCheckpointFilename(`${folder}/${name}`) }));
}

/** True for a staged shard other than the one that marks the others as complete. */
export function isStagedShard({ role, stage, isWhole }: Part): boolean {
  return role === "slices" && stage === "staged" && !isWhole;
}

async function namesIn(storage: Storage, folder: string): Promise<string[]> {
  try {
    return (await storage.list(folder)).map(({ name }) => name);
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError", "FailedPreconditionError")) return [];
    throw error;
  }
}
