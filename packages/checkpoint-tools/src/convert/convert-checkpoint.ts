import { parseCheckpointFilename, parseShardFilespec } from "@tfsaver/checkpoint-names";
import { type CheckpointReader, openCheckpoint, type TensorSource } from "@tfsaver/checkpoint-reader";
import { InvalidArgumentError } from "@tfsaver/core";
import { canonicalPath, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { type Converted, type WriteOptions, writeCheckpoint } from "./write-checkpoint.js";

/** Options of {@link convertCheckpoint}. */
export interface ConvertOptions extends WriteOptions {
  /** Replaces a checkpoint that exists, unless it is the source. Default: false, an error. */
  readonly force?: boolean | undefined;
  /** Checks source and destination, and writes nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
}

/**
 * Converts a checkpoint to V1 or V2 in any number of shards. Copies tensors in pieces, in the order of names, so to V2 it needs
 * little memory. Tensors that are stored in slices stay so; in V1, a tensor above 2 GiB is cut into slices. Creates the folder of the destination if it is missing, but none above it.
 *
 * Like every save, it locks the destination, and leaves nothing there if it fails.
 *
 * @param source - a prefix, as `resolveCheckpoint` returns it; or an open source of tensors, such as a file that a function of
 * `@tfsaver/interchange` has opened. It is not closed
 * @param destination - the new prefix
 * @throws `ValueError` if the destination exists (without `force`) in either format or has no file name, or if `shards` is not a positive
 * integer; `NotFoundError` if the folder above the destination's folder does not exist; `UnimplementedError` or
 * `InvalidArgumentError` if V1 can't hold a dtype, or strings above 2 GiB, or if the source would be replaced; the errors of reading and of the storage.
 *
 * @example
 * ```ts
 * import { convertCheckpoint } from "@tfsaver/checkpoint-tools";
 *
 * const { prefix } = await convertCheckpoint("run/model.ckpt-7", "run/model.v1", { format: "V1", shards: 2 });
 * console.log(prefix); // run/model.v1-?????-of-00002
 * ```
 */
export async function convertCheckpoint(
  source: string | CheckpointReader | TensorSource,
  destination: string,
  options: ConvertOptions = {},
): Promise<Converted> {
  if (typeof source !== "string") {
    if (options.force) await requireOther(pathsOf(source), destination, options.storage);
    return writeCheckpoint(source, destination, options, options);
  }
  const reader = await openCheckpoint(source, options);
  try {
    return await convertCheckpoint(reader, destination, options);
  } finally {
    await reader.close();
  }
}

/** Returns the prefix of a checkpoint, or the files of a source and the prefixes that they belong to. */
function pathsOf(source: CheckpointReader | TensorSource): string[] {
  if ("prefix" in source) return [parseShardFilespec(source.prefix)?.prefix ?? source.prefix];
  return (source.paths ?? []).flatMap((path) => [path, parseCheckpointFilename(path).prefix ?? path]);
}

/** Makes sure that a source does not replace itself. */
async function requireOther(
  paths: readonly string[],
  destination: string,
  storage: Storage = defaultStorage(),
): Promise<void> {
  const place = await canonicalPath(storage, destination);
  for (const path of paths) {
    if ((await canonicalPath(storage, path)) !== place) continue;
    throw new InvalidArgumentError(`${destination} is the source itself: choose another destination`, {
      path: destination,
    });
  }
}
