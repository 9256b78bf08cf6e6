import { diagnoseCheckpoint } from "@tfsaver/checkpoint-reader";
import { isCheckpointError, type OperationOptions } from "@tfsaver/core";
import type { FileProblem } from "@tfsaver/core/slices";
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

/** Why a checkpoint can't be restored. */
export interface Explanation {
  /** Sentences about each fault, and about another checkpoint that can be restored. Empty if no fault was found. */
  readonly sentences: readonly string[];
  /** The page that explains what is wrong. Undefined if no fault was found. */
  readonly more: string | undefined;
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
 * @returns no sentences if no fault is found, unless `isDamaged` is set
 *
 * @example
 * ```ts
 * import { explainCheckpoint } from "@tfsaver/kept-checkpoints";
 *
 * const { sentences, more } = await explainCheckpoint("run/model-7");
 * for (const sentence of sentences) console.log(sentence);
 * if (more !== undefined) console.log(`More: ${more}`);
 * ```
 */
export async function explainCheckpoint(path: string, options: ExplainOptions = {}): Promise<Explanation> {
  const faults = await faultsOf(path, options).catch(() => undefined);
  const messages = (faults ?? []).map(({ message }) => message);
  const more = faults?.find((fault) => fault.more !== undefined)?.more;
  if (faults?.length === 0 && !options.isDamaged) return { sentences: [], more };
  const other = await newestWhole(path, options).catch(() => undefined);
  if (other === undefined) return { sentences: messages, more };
  return { sentences: [...messages, `The newest whole checkpoint of the folder is ${other}.`], more };
}

/** Returns what is wrong with a checkpoint's files; undefined if there are no files. */
async function faultsOf(path: string, options: ExplainOptions): Promise<readonly FileProblem[] | undefined> {
  try {
    return await diagnoseCheckpoint(path, options);
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
