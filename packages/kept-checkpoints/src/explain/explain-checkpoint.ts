import { diagnoseCheckpoint } from "@tfsaver/checkpoint-reader";
import { isCheckpointError, type OperationOptions } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { otherCheckpoints } from "./other-checkpoints.js";

/** Options of {@link explainCheckpoint}. */
export interface ExplainOptions extends Pick<OperationOptions, "signal"> {
  /** Where the checkpoint is. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** True if the checkpoint is known to be damaged: then another one is named even if no fault is found. Default: false. */
  readonly isDamaged?: boolean | undefined;
}

/**
 * Explains in sentences why a checkpoint can't be restored, and which one of its folder can: which file is missing, too
 * short or of another kind, which tensors are hit, what the likely cause is, and the newest whole checkpoint of the folder.
 * Whole means that the index is intact, no file is missing or too short, and a few tensors have the right checksum.
 * Restores of `Saver` and `Checkpoint` append these sentences to their errors.
 *
 * Never throws, because the caller has an error already.
 *
 * @param path - the checkpoint that was to be restored
 * @returns an empty list if no fault is found, unless `isDamaged` is set
 *
 * @example
 * ```ts
 * import { explainCheckpoint } from "@tfsaver/kept-checkpoints";
 *
 * for (const sentence of await explainCheckpoint("run/model-7")) console.log(sentence);
 * ```
 */
export async function explainCheckpoint(path: string, options: ExplainOptions = {}): Promise<readonly string[]> {
  const messages = await faultsOf(path, options).catch(() => undefined);
  if (messages?.length === 0 && !options.isDamaged) return [];
  const other = await newestWhole(path, options).catch(() => undefined);
  if (other === undefined) return messages ?? [];
  return [...(messages ?? []), `The newest whole checkpoint of the folder is ${other}.`];
}

/** Returns what is wrong with a checkpoint's files; undefined if there are no files. */
async function faultsOf(path: string, options: ExplainOptions): Promise<readonly string[] | undefined> {
  try {
    return (await diagnoseCheckpoint(path, options)).map(({ message }) => message);
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError")) return undefined;
    throw error;
  }
}

async function newestWhole(path: string, options: ExplainOptions): Promise<string | undefined> {
  for (const prefix of await otherCheckpoints(path, options.storage ?? defaultStorage())) {
    const faults = await faultsOf(prefix, options).catch(() => undefined);
    if (faults?.length === 0) return prefix;
  }
  return undefined;
}
