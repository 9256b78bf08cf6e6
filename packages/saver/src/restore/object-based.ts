import { objectGraphKeyMapping, openCheckpoint } from "@tfsaver/checkpoint-reader";
import { isCheckpointError, NotFoundError, type WarningListener } from "@tfsaver/core";
import type { GraphScopes } from "@tfsaver/graph";
import type { SaveableObject } from "@tfsaver/saver-builders";
import type { Storage } from "@tfsaver/storage";
import type { CheckpointAccess } from "../access/checkpoint-access.js";

/** Returns the keys of an object-based checkpoint by the names of variables; undefined for a name-based checkpoint. */
export async function keysByName(path: string, storage: Storage): Promise<Map<string, string> | undefined> {
  const reader = await openCheckpoint(path, { storage });
  try {
    return await objectGraphKeyMapping(reader);
  } finally {
    await reader.close();
  }
}

/** Options of {@link objectBasedAccess}. */
interface ObjectBasedOptions {
  readonly storage: Storage;
  readonly onWarning: WarningListener;
  /** The scopes of the graph for operations that are added. */
  readonly scopes: GraphScopes;
}

/**
 * Returns an access that restores an object-based checkpoint (`tf.train.Checkpoint`) by the names of variables
 * (`saver_from_object_based_checkpoint`); undefined for a name-based checkpoint. Adds operations to the graph the first
 * time.
 *
 * @throws `NotFoundError` if a variable has no name in the checkpoint; `RuntimeError` if the graph is finalized.
 */
export async function objectBasedAccess(
  access: CheckpointAccess,
  path: string,
  { storage, onWarning, scopes }: ObjectBasedOptions,
): Promise<CheckpointAccess | undefined> {
  const keys = await keysIfReadable(path, storage);
  if (keys === undefined) return undefined;
  onWarning(
    "Restoring an object-based checkpoint using a name-based saver. This may be somewhat fragile, and will re-build " +
      "the Saver. Instead, consider loading object-based checkpoints using tf.train.Checkpoint().",
  );
  return access.withKeys(keysOf(access.saveables(), keys, path), scopes);
}

/**
 * Returns the keys of all names of some saveables.
 *
 * @throws `NotFoundError` if a name has no key.
 */
export function keysOf(
  saveables: readonly SaveableObject[],
  keys: ReadonlyMap<string, string>,
  path: string,
): Map<string, string> {
  const names = new Set(saveables.flatMap(({ specs }) => specs.map(({ name }) => name)));
  const missing = [...names].filter((name) => !keys.has(name)).sort();
  if (missing.length === 0) return new Map([...names].map((name) => [name, keys.get(name) as string]));
  const unknown = [...keys.keys()].filter((name) => !names.has(name)).sort();
  throw new NotFoundError(
    `Existing variables not in the checkpoint: ${missing.join(", ")}\n\n` +
      `Variables names when this checkpoint was written which don't exist now: ${unknown.join(", ")}\n\n` +
      `(${names.size - missing.length} variable name(s) did match)\n\n` +
      "Could not find some variables in the checkpoint (see names above). It is object-based and was read by the names " +
      "of variables, which may have changed, such as by a missing `_1`. Give the old names in a dictionary as `varList`, " +
      `or restore what there is with match: "intersect".\n\nCheckpoint: ${path}`,
    { path, tensor: missing[0] },
  );
}

/** Ignores errors of the reader: the restore has failed already, with an error that says more. */
async function keysIfReadable(path: string, storage: Storage): Promise<Map<string, string> | undefined> {
  try {
    return await keysByName(path, storage);
  } catch (error) {
    if (isCheckpointError(error)) return undefined;
    throw error;
  }
}
