import { checkpointExists } from "@tfsaver/checkpoint-state";
import type { WarningListener } from "@tfsaver/core";
import { escapeGlob, glob, type Storage } from "@tfsaver/storage";
import type { Turn } from "./alone.js";

/** A checkpoint that is to be written. */
export interface NewCheckpoint {
  readonly path: string;
  /** Format: 1 or 2. */
  readonly version: number;
  readonly sharded: boolean;
}

/**
 * Writes a checkpoint, and takes it back if that fails when it, or a part of it, has its name already: when a save is
 * cancelled, or the last flush fails, nobody would ever come upon those files again. One that was there before stays, and
 * so does one that another saver may have written.
 */
export async function takingBack<T>(
  checkpoint: NewCheckpoint,
  storage: Storage,
  onWarning: WarningListener,
  turn: Turn,
  write: () => Promise<T>,
): Promise<T> {
  const patterns = patternsOf(checkpoint);
  const { path, version } = checkpoint;
  // Of V2 also one that waits to get its names, after a crash.
  const isThere = await checkpointExists(version === 2 ? escapeGlob(path) : (patterns[0] as string), {
    storage,
    version,
  });
  try {
    return await write();
  } catch (error) {
    if (!isThere && (await turn.isKept())) await remove(patterns, storage, onWarning);
    throw error;
  }
}

/** What a checkpoint is known by, and then its other files. */
function patternsOf({ path, version, sharded }: NewCheckpoint): string[] {
  const name = escapeGlob(path);
  if (version === 2) return [`${name}.index`, `${name}.data-?????-of-?????`];
  return [sharded ? `${name}-?????-of-?????` : name];
}

async function remove(patterns: readonly string[], storage: Storage, onWarning: WarningListener): Promise<void> {
  try {
    for (const pattern of patterns) {
      for (const file of await glob(storage, pattern)) await storage.remove(file);
    }
  } catch (error) {
    onWarning(`What was saved before it failed could not be removed: ${(error as Error).message}`);
  }
}
