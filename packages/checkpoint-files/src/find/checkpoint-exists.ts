import { defaultStorage } from "@tfsaver/storage/default";
import type { StorageOptions } from "../options.js";
import { findCheckpointFiles } from "./find-files.js";
import { literalPattern } from "./literal-pattern.js";

/** Options of {@link checkpointExists}. */
export interface CheckpointExistsOptions extends StorageOptions {
  /** The one format to look for: 1 or 2. Default: both. */
  readonly version?: number | undefined;
  /**
   * Takes the prefix as a path, never as a pattern, apart from the `-?????-of-00002` of a sharded V1 checkpoint: for a prefix
   * that comes from a file. Default: false.
   */
  readonly literal?: boolean | undefined;
}

/**
 * Tells if a checkpoint exists (`tf.compat.v1.train.checkpoint_exists`): a V2 index, or anything named like the prefix,
 * which is how V1 looks. So a `.meta` file or a directory counts too.
 *
 * The prefix is a pattern (`*`, `?`, `[…]`, `\`), as `save` returns one for a sharded V1 checkpoint. Unlike in TensorFlow,
 * a checkpoint that has such characters in its name is found as well.
 *
 * @throws the storage's errors.
 *
 * @example
 * ```ts
 * import { checkpointExists } from "@tfsaver/checkpoint-files";
 *
 * console.log(await checkpointExists("run/model.ckpt-7"));
 * ```
 */
export async function checkpointExists(prefix: string, options: CheckpointExistsOptions = {}): Promise<boolean> {
  const pattern = options.literal ? literalPattern(prefix) : prefix;
  return (await findCheckpointFiles(options.storage ?? defaultStorage(), pattern, options.version)).length > 0;
}

/**
 * Returns when each checkpoint was written, in whole seconds since 1970 (`tf.compat.v1.train.get_checkpoint_mtimes`).
 * Checkpoints that do not exist are skipped, so there may be fewer times than prefixes.
 *
 * @throws the storage's errors.
 */
export async function getCheckpointMtimes(
  prefixes: readonly string[],
  options: StorageOptions = {},
): Promise<number[]> {
  const storage = options.storage ?? defaultStorage();
  const times: number[] = [];
  for (const prefix of prefixes) {
    const [file] = await findCheckpointFiles(storage, prefix);
    const stat = file === undefined ? undefined : await storage.stat(file);
    if (stat !== undefined) times.push(Math.floor(stat.modifiedMs / 1000));
  }
  return times;
}
