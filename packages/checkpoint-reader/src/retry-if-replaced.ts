import { isCheckpointError } from "@tfsaver/core";

/** Maximum number of reads. */
const ATTEMPTS = 10;

/**
 * Reads a checkpoint, and reads it again if another save replaced it meanwhile. A reader reports that by an `AbortedError`
 * for this path: parts of the old checkpoint must not be mixed with parts of the new one.
 *
 * @throws the errors of `read`.
 * @example
 * ```ts
 * import { loadVariable, retryIfReplaced } from "@tfsaver/checkpoint-reader";
 *
 * const prefix = "fixtures/goldens/v2-with-meta/model.ckpt-7";
 * const step = await retryIfReplaced(prefix, () => loadVariable(prefix, "global_step"));
 * console.log(step.data);
 * ```
 */
export async function retryIfReplaced<T>(path: string, read: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS - 1; ; left--) {
    try {
      return await read();
    } catch (error) {
      if (left === 0 || !isCheckpointError(error, "AbortedError") || error.path !== path) throw error;
    }
  }
}
