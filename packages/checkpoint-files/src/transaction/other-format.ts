import type { WarningListener } from "@tfsaver/core";
import { isSlicesFile } from "@tfsaver/saved-tensor-slices";
import type { Storage } from "@tfsaver/storage";
import { bundleExists } from "@tfsaver/tensor-bundle";
import { isTable } from "../find/is-table.js";
import { removeBundle } from "../remove/remove-checkpoint.js";
import type { NewCheckpoint } from "./new-checkpoint.js";

/*
 * Readers prefer the V2 checkpoint of a prefix. So a V1 checkpoint counts only once the V2 one of the same prefix is gone:
 * removing its index is the commit. A V2 checkpoint counts at once, and the V1 file that it hides is removed behind it. V1
 * shards are addressed by a pattern, so nothing hides them; the V2 checkpoint that they replace is removed at the end.
 */

/**
 * Removes the V2 checkpoint that would hide a V1 checkpoint of the same prefix.
 *
 * @throws the storage's errors. The V2 checkpoint stands then.
 */
export async function removeHidingBundle(
  { path }: NewCheckpoint,
  storage: Storage,
  warn: WarningListener,
): Promise<void> {
  if (await bundleExists(storage, path)) await removeBundle(path, storage, warn);
}

/** Removes the V2 checkpoint that V1 shards of the same prefix have replaced. Warns if it can't be removed. */
export async function removeReplacedBundle(
  checkpoint: NewCheckpoint,
  storage: Storage,
  warn: WarningListener,
): Promise<void> {
  try {
    await removeHidingBundle(checkpoint, storage, warn);
  } catch (error) {
    warn(`${checkpoint.path}, which the new checkpoint replaces, could not be removed: ${(error as Error).message}`);
  }
}

/**
 * Removes the V1 file that a V2 checkpoint of the same prefix hides. Touches no other file of that name, such as the index of
 * the V2 checkpoint `m` for the prefix `m.index`.
 */
export async function removeHiddenSlices(
  { path }: NewCheckpoint,
  storage: Storage,
  warn: WarningListener,
): Promise<void> {
  try {
    if ((await isTable(path, storage)) && (await isSlicesFile(path, storage))) await storage.remove(path);
  } catch (error) {
    warn(`${path}, which the new checkpoint replaces, could not be removed: ${(error as Error).message}`);
  }
}
