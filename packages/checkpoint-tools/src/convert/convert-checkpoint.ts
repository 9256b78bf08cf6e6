import { CheckpointTransaction } from "@tfsaver/checkpoint-files";
import { parseShardFilespec, shardFilespec } from "@tfsaver/checkpoint-names";
import { type CheckpointFormat, openCheckpoint, type TensorSource } from "@tfsaver/checkpoint-reader";
import { InvalidArgumentError, type OperationOptions, ValueError, type WarningListener } from "@tfsaver/core";
import { canonicalPath, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { PieceProgress } from "../piece-progress.js";
import { piecesOf, spreadEvenly } from "./pieces.js";
import { requirePrefix, requireWritable } from "./require-writable.js";
import { writeV1, writeV2 } from "./write-pieces.js";

/** Options of writing a checkpoint. */
export interface WriteOptions extends OperationOptions {
  /** Storage to read from and write to. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Format to write. Default: V2. */
  readonly format?: CheckpointFormat | undefined;
  /** Number of shards, evenly filled by size; at most one for each tensor or slice. Default: 1. */
  readonly shards?: number | undefined;
  /** Receives warnings, such as one about a lock that is waited for. Default: `console.warn`. */
  readonly onWarning?: WarningListener | undefined;
}

/** Options of {@link convertCheckpoint}. */
export interface ConvertOptions extends WriteOptions {
  /** Replaces a checkpoint that exists, unless it is the source. Default: false, an error. */
  readonly force?: boolean | undefined;
  /** Checks source and destination, and writes nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
}

/** A checkpoint that was written. */
export interface Converted {
  /** For `openCheckpoint`. For a sharded V1 checkpoint, a pattern: `…-?????-of-00002`. */
  readonly prefix: string;
  /** Number of tensors. */
  readonly tensors: number;
  /** Number of shards. */
  readonly shards: number;
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
 * @throws `ValueError` if the destination exists (without `force`) in either format, is a folder or not a prefix, or if `shards` is not a positive
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
  source: string | TensorSource,
  destination: string,
  options: ConvertOptions = {},
): Promise<Converted> {
  if (typeof source !== "string") return write(source, destination, options);
  const reader = await openCheckpoint(source, options);
  try {
    return await write(reader, destination, options);
  } finally {
    await reader.close();
  }
}

async function write(source: TensorSource, destination: string, options: ConvertOptions): Promise<Converted> {
  const { format = "V2", shards = 1, storage = defaultStorage(), signal, onWarning } = options;
  const { force = false, dryRun = false } = options;
  if (!Number.isInteger(shards) || shards < 1) throw new ValueError(`shards must be a positive integer, not ${shards}`);
  await requirePrefix(destination, storage);
  if (force) await requireOther(source, destination, storage);
  const pieces = await piecesOf(source, format, { signal });
  // No shard is empty: TensorFlow would look for a file that is not there.
  const groups = spreadEvenly(pieces, Math.min(shards, Math.max(pieces.length, 1)));
  const sharded = groups.length > 1;
  const report = { tensors: new Set(pieces.map(({ info }) => info)).size, shards: groups.length };
  if (dryRun) {
    await requireWritable(destination, storage, force);
    return { prefix: format === "V1" && sharded ? shardFilespec(destination, groups.length) : destination, ...report };
  }
  const checkpoint = { path: destination, version: format === "V2" ? 2 : 1, sharded };
  const transaction = await CheckpointTransaction.begin(checkpoint, { storage, signal, onWarning, createFolder: true });
  try {
    await requireWritable(destination, storage, force);
    const progress = new PieceProgress(pieces, options);
    const writing = { source, groups, storage, progress, ...transaction.commitOptions };
    const prefix = await transaction.write((path) => (format === "V2" ? writeV2 : writeV1)(path, writing));
    await transaction.end();
    return { prefix, ...report };
  } catch (error) {
    throw await transaction.fail(error);
  }
}

/** Makes sure that neither a checkpoint nor a file of another format is replaced by what is read from it. */
async function requireOther(source: TensorSource, destination: string, storage: Storage): Promise<void> {
  const place = await canonicalPath(storage, destination);
  for (const path of placesOf(source)) {
    if ((await canonicalPath(storage, path)) !== place) continue;
    throw new InvalidArgumentError(`${destination} is the source itself: choose another destination`, {
      path: destination,
    });
  }
}

/** Returns what a source reads: the prefix of a checkpoint, or the files of another format. */
function placesOf(source: TensorSource & { readonly prefix?: unknown; readonly paths?: unknown }): string[] {
  const { prefix, paths } = source;
  const all: unknown[] = [
    typeof prefix === "string" ? (parseShardFilespec(prefix)?.prefix ?? prefix) : undefined,
    ...(Array.isArray(paths) ? paths : []),
  ];
  return all.filter((path) => typeof path === "string");
}
