import { allDataPattern, allShardsPattern, indexFilename } from "@tfsaver/checkpoint-names";
import type { WarningListener } from "@tfsaver/core";
import { escapeGlob, glob, type Storage } from "@tfsaver/storage";
import { checkpointExists } from "../find/checkpoint-exists.js";

/** A checkpoint to be written. */
export interface NewCheckpoint {
  /** Prefix: path and first part of the file names. */
  readonly path: string;
  /** Format: 1 or 2. */
  readonly version: number;
  /** True if the checkpoint is written in several shards. */
  readonly sharded: boolean;
}

/** Tells if a checkpoint is there already, or a part of it, that the new one will replace. */
export function newCheckpointExists(checkpoint: NewCheckpoint, storage: Storage): Promise<boolean> {
  const { path, version } = checkpoint;
  const [known = ""] = patternsOf(checkpoint);
  // A V2 checkpoint may also wait for its final names, after a crash: by its prefix it is found then too.
  return checkpointExists(version === 2 ? escapeGlob(path) : known, { storage, version });
}

/** Removes the files of a checkpoint that got their final names before its save failed. Warns of what can't be removed. */
export async function removeNewCheckpoint(
  checkpoint: NewCheckpoint,
  storage: Storage,
  onWarning: WarningListener,
): Promise<void> {
  try {
    for (const pattern of patternsOf(checkpoint)) {
      for (const file of await glob(storage, pattern)) await storage.remove(file);
    }
  } catch (error) {
    onWarning(`The files of the failed save of ${checkpoint.path} could not be removed: ${(error as Error).message}`);
  }
}

/** Returns patterns for the final names of a checkpoint's files. The first one decides whether the checkpoint exists. */
function patternsOf({ path, version, sharded }: NewCheckpoint): string[] {
  const name = escapeGlob(path);
  if (version === 2) return [indexFilename(name), allDataPattern(name)];
  return [sharded ? allShardsPattern(name) : name];
}
