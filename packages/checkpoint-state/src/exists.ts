import { defaultStorage } from "@tfsaver/storage/default";
import { checkpointFiles } from "./checkpoint-files.js";
import { getCheckpointState } from "./get.js";
import { type StateFileOptions, type StorageOptions, warnOnConsole } from "./options.js";

/** Options of {@link checkpointExists}. */
export interface CheckpointExistsOptions extends StorageOptions {
  /** The one format that counts: 1 or 2. Default: both do. */
  readonly version?: number | undefined;
}

/**
 * Whether there is a checkpoint of this prefix (`tf.compat.v1.train.checkpoint_exists`): a V2 index, or else anything
 * named like the prefix itself, which is how V1 looks, so that a `.meta` file or a directory counts too.
 *
 * The prefix is a pattern (`*`, `?`, `[…]`, `\`), as `save` returns for a sharded V1 checkpoint. Unlike in
 * TensorFlow, one that has such characters in its name is found as well.
 */
export async function checkpointExists(prefix: string, options: CheckpointExistsOptions = {}): Promise<boolean> {
  return (await checkpointFiles(options.storage ?? defaultStorage(), prefix, options.version)).length > 0;
}

/**
 * When each checkpoint was written: in seconds since 1970, whole ones, as TensorFlow gives them
 * (`tf.compat.v1.train.get_checkpoint_mtimes`). What does not exist is skipped, so there may be fewer times than
 * prefixes.
 */
export async function getCheckpointMtimes(
  prefixes: readonly string[],
  options: StorageOptions = {},
): Promise<number[]> {
  const storage = options.storage ?? defaultStorage();
  const times: number[] = [];
  for (const prefix of prefixes) {
    const [file] = await checkpointFiles(storage, prefix);
    const stat = file === undefined ? undefined : await storage.stat(file);
    if (stat !== undefined) times.push(Math.floor(stat.modifiedMs / 1000));
  }
  return times;
}

/**
 * The newest checkpoint of a directory as its state file has it (`tf.train.latest_checkpoint`). `undefined` if there
 * is no usable state or, with a warning, if that checkpoint's files are gone; older ones are not looked for.
 *
 * @throws as {@link getCheckpointState} does.
 */
export async function latestCheckpoint(directory: string, options: StateFileOptions = {}): Promise<string | undefined> {
  const path = (await getCheckpointState(directory, options))?.modelCheckpointPath;
  if (path === undefined || (await checkpointExists(path, options))) return path;
  const warn = options.onWarning ?? warnOnConsole;
  warn(`Couldn't match files for checkpoint ${path}`);
  return undefined;
}
