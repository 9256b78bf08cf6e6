import { CheckpointTransaction } from "@tfsaver/checkpoint-files";
import { allShardsPattern, indexFilename, parseShardFilespec, shardFilespec } from "@tfsaver/checkpoint-names";
import {
  type CheckpointFormat,
  type CheckpointReader,
  openCheckpoint,
  type TensorSource,
} from "@tfsaver/checkpoint-reader";
import { InvalidArgumentError, NotFoundError, type OperationOptions, ValueError } from "@tfsaver/core";
import { canonicalPath, dirname, escapeGlob, glob, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { PieceProgress } from "../piece-progress.js";
import { piecesOf, spreadEvenly } from "./pieces.js";
import { writeV1, writeV2 } from "./write-pieces.js";

/** Options of {@link convertCheckpoint}. */
export interface ConvertOptions extends OperationOptions {
  /** Storage to read from and write to. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Format to write. Default: V2. */
  readonly format?: CheckpointFormat | undefined;
  /** Replaces a checkpoint that exists, unless it is the source. Default: false, an error. */
  readonly force?: boolean | undefined;
  /** Checks source and destination, and writes nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
  /** Number of shards, evenly filled by size; at most one for each tensor or slice. Default: 1. */
  readonly shards?: number | undefined;
}

/** Result of {@link convertCheckpoint}. */
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
  const { shards = 1 } = options;
  if (!Number.isInteger(shards) || shards < 1) throw new ValueError(`shards must be a positive integer, not ${shards}`);
  requireFilename(destination);
  if (typeof source !== "string") return convertSource(source, destination, options);
  const reader = await openCheckpoint(source, options);
  try {
    return await convertSource(reader, destination, options);
  } finally {
    await reader.close();
  }
}

async function convertSource(
  source: CheckpointReader | TensorSource,
  destination: string,
  options: ConvertOptions,
): Promise<Converted> {
  const { format = "V2", shards = 1, storage = defaultStorage(), force, dryRun, signal } = options;
  if (force && "prefix" in source) await requireOther(source.prefix, destination, storage);
  const pieces = await piecesOf(source, format, { signal });
  // No shard is empty: TensorFlow would look for a file that is not there.
  const groups = spreadEvenly(pieces, Math.min(shards, Math.max(pieces.length, 1)));
  const sharded = groups.length > 1;
  const report = { tensors: new Set(pieces.map(({ info }) => info)).size, shards: groups.length };
  if (dryRun) {
    // The folder itself would be created.
    const folder = dirname(destination);
    if (folder !== "" && (await storage.stat(folder)) === undefined) await requireFolder(folder, storage);
    if (!force) await requireFree(destination, storage);
    return { prefix: format === "V1" && sharded ? shardFilespec(destination, groups.length) : destination, ...report };
  }
  const checkpoint = { path: destination, version: format === "V2" ? 2 : 1, sharded };
  const transaction = await CheckpointTransaction.begin(checkpoint, { storage, signal, createFolder: true });
  try {
    await requireFolder(destination, storage);
    if (!force) await requireFree(destination, storage);
    const progress = new PieceProgress(pieces, options);
    const writing = { source, groups, storage, progress, ...transaction.commitOptions };
    const prefix = await transaction.write((path) => (format === "V2" ? writeV2 : writeV1)(path, writing));
    await transaction.end();
    return { prefix, ...report };
  } catch (error) {
    throw await transaction.fail(error);
  }
}

/** Makes sure that a checkpoint does not replace itself. A prefix may have shards behind it in V1. */
async function requireOther(source: string, destination: string, storage: Storage): Promise<void> {
  const prefix = parseShardFilespec(source)?.prefix ?? source;
  if ((await canonicalPath(storage, prefix)) !== (await canonicalPath(storage, destination))) return;
  throw new InvalidArgumentError(`${destination} is the source itself: choose another destination`, {
    path: destination,
  });
}

function requireFilename(destination: string): void {
  if (destination !== "" && !destination.endsWith("/")) return;
  throw new ValueError(`'${destination}' has no file name: add one, such as ${destination}model.ckpt`, {
    path: destination,
  });
}

async function requireFolder(destination: string, storage: Storage): Promise<void> {
  const folder = dirname(destination);
  if (folder === "" || (await storage.stat(folder)) !== undefined) return;
  throw new NotFoundError(
    `${destination} can't be written: the folder above ${folder} does not exist. Create it first.`,
    {
      path: folder,
    },
  );
}

/** Makes sure that no file is replaced, in either format: of two formats with one prefix, readers see only V2. */
async function requireFree(destination: string, storage: Storage): Promise<void> {
  const name = escapeGlob(destination);
  for (const pattern of [name, indexFilename(name), allShardsPattern(name)]) {
    for (const path of await glob(storage, pattern)) {
      if ((await storage.stat(path))?.kind !== "file") continue;
      const message = `${path} exists already: choose another prefix than ${destination}, or remove it first`;
      throw new ValueError(message, { path: destination });
    }
  }
}
