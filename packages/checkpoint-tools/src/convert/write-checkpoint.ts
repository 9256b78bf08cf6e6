import { CheckpointTransaction } from "@tfsaver/checkpoint-files";
import { allShardsPattern, indexFilename, shardFilespec } from "@tfsaver/checkpoint-names";
import type { CheckpointFormat, TensorSource } from "@tfsaver/checkpoint-reader";
import { NotFoundError, type OperationOptions, ValueError } from "@tfsaver/core";
import { dirname, escapeGlob, glob, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { PieceProgress } from "../piece-progress.js";
import { piecesOf, spreadEvenly } from "./pieces.js";
import { writeV1, writeV2 } from "./write-pieces.js";

/** Options of writing a checkpoint. */
export interface WriteOptions extends OperationOptions {
  /** Storage to read from and write to. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Format to write. Default: V2. */
  readonly format?: CheckpointFormat | undefined;
  /** Number of shards, evenly filled by size; at most one for each tensor or slice. Default: 1. */
  readonly shards?: number | undefined;
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
 * Writes the tensors of a source as a new checkpoint, all or nothing, in pieces.
 *
 * @param destination - the new prefix
 * @param replacement - `force` replaces a checkpoint that exists; `dryRun` checks everything and writes nothing. Default: neither
 * @throws as `convertCheckpoint`
 */
export async function writeCheckpoint(
  source: TensorSource,
  destination: string,
  options: WriteOptions,
  {
    force = false,
    dryRun = false,
  }: { readonly force?: boolean | undefined; readonly dryRun?: boolean | undefined } = {},
): Promise<Converted> {
  const { format = "V2", shards = 1, storage = defaultStorage(), signal } = options;
  if (!Number.isInteger(shards) || shards < 1) throw new ValueError(`shards must be a positive integer, not ${shards}`);
  requireFilename(destination);
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
  const transaction = await CheckpointTransaction.begin(checkpoint, { storage, signal, createFolder: true });
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

/**
 * Makes sure that a new checkpoint can be written.
 *
 * @param force - allows to replace one that exists
 * @throws `ValueError` if it exists in either format, or has no file name; `NotFoundError` if its folder does not exist.
 */
export async function requireWritable(destination: string, storage: Storage, force = false): Promise<void> {
  requireFilename(destination);
  await requireFolder(destination, storage);
  if (!force) await requireFree(destination, storage);
}

function requireFilename(destination: string): void {
  if (destination !== "" && !destination.endsWith("/")) return;
  throw new ValueError(`'${destination}' has no file name: add one, such as ${destination}model.ckpt`, {
    path: destination,
  });
}

async function requireFolder(destination: string, storage: Storage): Promise<void> {
  const folder = dirname(destination);
  // The folder itself is made.
  const above = dirname(folder);
  if (folder === "" || above === "" || (await storage.stat(folder)) !== undefined) return;
  if ((await storage.stat(above)) !== undefined) return;
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
