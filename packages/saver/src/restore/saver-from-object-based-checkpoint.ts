import { ValueError } from "@tfsaver/core";
import { getDefaultGraph } from "@tfsaver/graph";
import { saveablesOf, type VarList } from "@tfsaver/saver-builders";
import { defaultStorage } from "@tfsaver/storage/default";
import { allSaveables, underKeys } from "./graph-access.js";
import { keysByName, keysOf } from "./object-based.js";
import type { SaverOptions } from "./options.js";
import { Saver } from "./saver.js";

/**
 * A saver that reads and writes variables under the keys that they have in an object-based checkpoint
 * (`saver_from_object_based_checkpoint`), found by the names that they had when it was written.
 *
 * @throws `ValueError` if the checkpoint is of another kind; `NotFoundError` if it lacks a variable; what the constructor
 * of {@link Saver} throws.
 */
export async function saverFromObjectBasedCheckpoint(
  checkpointPath: string,
  options: Omit<SaverOptions, "eager" | "saverDef" | "deferBuild"> = {},
): Promise<Saver> {
  const keys = await keysByName(checkpointPath, options.storage ?? defaultStorage());
  if (keys === undefined) {
    throw new ValueError(`Checkpoint in ${checkpointPath} not an object-based checkpoint.`, { path: checkpointPath });
  }
  const varList = (options.varList as VarList | undefined) ?? allSaveables(options.graph ?? getDefaultGraph());
  const saveables = saveablesOf(varList);
  return new Saver({ ...options, varList: underKeys(saveables, keysOf(saveables, keys, checkpointPath)) });
}
