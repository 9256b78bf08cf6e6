import { shardFilename, shardFilespec, stagedShardFilename } from "@tfsaver/checkpoint-names";
import { PieceMemory, type TensorSource } from "@tfsaver/checkpoint-reader";
import { isNumeric, type Tensor } from "@tfsaver/core";
import { SlicesWriter } from "@tfsaver/saved-tensor-slices";
import type { CommitOptions, Storage } from "@tfsaver/storage";
import { BundleWriter, mergeBundles } from "@tfsaver/tensor-bundle";
import type { PieceProgress } from "../piece-progress.js";
import type { Piece, Source } from "./pieces.js";

/** The tensors, the groups of pieces to write, and the storage. */
export interface PieceWriting extends CommitOptions {
  readonly source: TensorSource;
  /** One group for each shard. */
  readonly groups: readonly (readonly Piece[])[];
  readonly storage: Storage;
  readonly progress: PieceProgress;
}

/** Writes pieces as a V2 checkpoint, and returns its prefix. */
export async function writeV2(prefix: string, writing: PieceWriting): Promise<string> {
  const { groups, storage, progress, beforeCommit, staging } = writing;
  const [only] = groups;
  if (groups.length === 1 && only !== undefined) {
    await writeBundle(prefix, only, writing, { beforeCommit });
    return prefix;
  }
  // Like TensorFlow's sharded saver: parts in a folder of their own, then joined.
  const parts = groups.map((_, i) => stagedShardFilename(prefix, i, groups.length));
  for (const [i, pieces] of groups.entries()) await writeBundle(parts[i] as string, pieces, writing);
  await mergeBundles(parts, prefix, { storage, beforeCommit, staging, ...progress.options });
  return prefix;
}

async function writeBundle(
  prefix: string,
  pieces: readonly Piece[],
  { source, storage, progress, staging }: PieceWriting,
  commit: CommitOptions = {},
): Promise<void> {
  // The sizes of strings are estimates.
  const expectedBytes = pieces.reduce((sum, { info, size }) => sum + (isNumeric(info.dtype) ? size : 0), 0);
  const writer = new BundleWriter(prefix, { storage, staging, expectedBytes, ...commit, ...progress.options });
  const memory = new PieceMemory();
  const { allocate } = memory;
  const onWritten = (bytes: Uint8Array) => memory.release(bytes);
  try {
    for (const piece of pieces) {
      const { info, slice, shape } = piece;
      const part = slice && { shape: info.shape, slice };
      const values = progress.of(info.name, piece, source.stream(info.name, { slice, allocate, ...progress.options }));
      await writer.addStream(info.name, { dtype: info.dtype, shape, part }, values, { onWritten });
    }
  } catch (error) {
    await writer.discard();
    throw error;
  }
  await writer.finish();
}

/** Writes pieces as a V1 checkpoint, and returns its prefix, or for several shards the pattern of its files. */
export async function writeV1(prefix: string, writing: PieceWriting): Promise<string> {
  const { groups, storage, progress, beforeCommit, staging } = writing;
  const values = new PieceValues(writing);
  const numShards = groups.length;
  const writers = groups.map((pieces, i) => {
    const path = numShards === 1 ? prefix : shardFilename(prefix, i, numShards);
    const writer = new SlicesWriter(path, { storage, beforeCommit, staging, ...progress.options });
    for (const piece of pieces) {
      const { info, slice, shape } = piece;
      const deferred = { dtype: info.dtype, shape, read: () => values.next(piece) };
      if (slice === undefined) writer.add(info.name, deferred);
      else writer.addSlice(info.name, { shape: info.shape, slice }, deferred);
    }
    return writer;
  });
  for (const writer of writers) await writer.finish();
  return numShards === 1 ? prefix : shardFilespec(prefix, numShards);
}

/** Reads the values of pieces. Those that are cut from one tensor are read in one go, so that it is verified once. */
class PieceValues {
  readonly #open = new Map<Source, AsyncIterator<Tensor>>();

  constructor(private readonly writing: PieceWriting) {}

  /** Returns the values of a piece. Pieces that are cut from one tensor must come in their order. */
  async next(piece: Piece): Promise<Tensor> {
    const { source, progress } = this.writing;
    const { info, slice, cutFrom } = piece;
    let values: Tensor;
    if (cutFrom === undefined) values = await source.get(info.name, slice, progress.options);
    else {
      const stream =
        this.#open.get(cutFrom) ??
        source.stream(info.name, { ...cutFrom, ...progress.options })[Symbol.asyncIterator]();
      this.#open.set(cutFrom, stream);
      values = (await stream.next()).value;
    }
    progress.add(info.name, piece.size);
    return values;
  }
}
