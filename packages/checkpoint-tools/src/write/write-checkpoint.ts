import { CheckpointTransaction } from "@tfsaver/checkpoint-files";
import { allShardsPattern, indexFilename } from "@tfsaver/checkpoint-names";
import type { CheckpointFormat } from "@tfsaver/checkpoint-reader";
import { NotFoundError, type OperationOptions, ValueError } from "@tfsaver/core";
import { dirname, escapeGlob, glob, type Storage } from "@tfsaver/storage";
import { PieceProgress } from "../piece-progress.js";
import type { NewTensor } from "./new-tensor.js";
import { piecesOf, spreadEvenly } from "./pieces.js";
import { writeV1, writeV2 } from "./write-pieces.js";

/** Options of {@link writeCheckpoint}. */
export interface WriteOptions extends OperationOptions {
  readonly storage: Storage;
  readonly format: CheckpointFormat;
  /** Number of shards, evenly filled by size; at most one for each tensor or slice. Default: 1. */
  readonly shards?: number | undefined;
}

/** A checkpoint that was written. */
export interface WrittenCheckpoint {
  /** For `openCheckpoint`. For a sharded V1 checkpoint, a pattern: `…-?????-of-00002`. */
  readonly prefix: string;
  /** Number of tensors. */
  readonly tensors: number;
  /** Number of shards. */
  readonly shards: number;
}

/**
 * Makes sure that a new checkpoint can have this prefix and number of shards, before anything is read.
 *
 * @throws `ValueError`
 */
export function requireDestination(destination: string, shards = 1): void {
  if (!Number.isInteger(shards) || shards < 1) throw new ValueError(`shards must be a positive integer, not ${shards}`);
  if (destination !== "" && !destination.endsWith("/")) return;
  throw new ValueError(`'${destination}' has no file name: add one, such as ${destination}model.ckpt`, {
    path: destination,
  });
}

/**
 * Writes a checkpoint, in the order of the tensors, through a `CheckpointTransaction`: the destination is locked, and nothing is
 * left there on failure. Creates the folder of the destination if it is missing, but none above it.
 *
 * @throws `ValueError` if the destination exists in either format; see {@link requireDestination} for the others; `NotFoundError`
 * if the folder above the destination's folder does not exist; the errors of reading and of the storage.
 */
export async function writeCheckpoint(
  destination: string,
  tensors: readonly NewTensor[],
  options: WriteOptions,
): Promise<WrittenCheckpoint> {
  const { storage, format, shards = 1, signal } = options;
  requireDestination(destination, shards);
  const pieces = piecesOf(tensors, format);
  // No shard is empty: TensorFlow would look for a file that is not there.
  const groups = spreadEvenly(pieces, Math.min(shards, Math.max(pieces.length, 1)));
  const checkpoint = { path: destination, version: format === "V2" ? 2 : 1, sharded: groups.length > 1 };
  const transaction = await CheckpointTransaction.begin(checkpoint, { storage, signal, createFolder: true });
  try {
    await requireFolder(destination, storage);
    await requireFree(destination, storage);
    const progress = new PieceProgress(pieces, options);
    const writing = { groups, storage, progress, ...transaction.commitOptions };
    const prefix = await transaction.write((path) => (format === "V2" ? writeV2 : writeV1)(path, writing));
    await transaction.end();
    return { prefix, tensors: tensors.length, shards: groups.length };
  } catch (error) {
    throw await transaction.fail(error);
  }
}

async function requireFolder(destination: string, storage: Storage): Promise<void> {
  const folder = dirname(destination);
  if (folder === "" || (await storage.stat(folder)) !== undefined) return;
  throw new NotFoundError(
    `${destination} can't be written: the folder above ${folder} does not exist. Create it first.`,
    { path: folder },
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
