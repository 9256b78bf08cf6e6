import {
  allShardsPattern,
  dataFilename,
  indexFilename,
  partsFolder,
  shardFilename,
  shardFilespec,
  stagedShardFilename,
} from "@tfsaver/checkpoint-names";
import {
  type CheckpointFormat,
  type CheckpointReader,
  openCheckpoint,
  type TensorInfo,
} from "@tfsaver/checkpoint-reader";
import {
  type OperationOptions,
  type Shape,
  sliceShape,
  type Tensor,
  type TensorSlice,
  throwIfAborted,
  ValueError,
} from "@tfsaver/core";
import { SlicesWriter } from "@tfsaver/saved-tensor-slices";
import { escapeGlob, glob, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { BundleWriter, mergeBundles } from "@tfsaver/tensor-bundle";

/** Options of {@link convertCheckpoint}. */
export interface ConvertOptions extends OperationOptions {
  /** Where to read and write. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Format to write. Default: V2. */
  readonly format?: CheckpointFormat | undefined;
  /** Number of files to spread the tensors over, evenly by size; fewer if there are not as many. Default: 1. */
  readonly shards?: number | undefined;
}

/** What {@link convertCheckpoint} wrote. */
export interface Converted {
  /** What to open it by; of a sharded V1 checkpoint that is a pattern, `…-?????-of-00002`. */
  readonly prefix: string;
  readonly tensors: number;
  readonly shards: number;
}

/** A tensor, or a part of one, that is written on its own. */
interface Piece {
  readonly info: TensorInfo;
  readonly slice: TensorSlice | undefined;
  readonly shape: Shape;
  /** About how many bytes it takes. */
  readonly size: number;
}

/**
 * Writes a checkpoint again as V1 or V2 in any number of shards. Tensors go through one at a time, in the order of their
 * names; those that are stored in slices stay so.
 *
 * @param source - as `resolveCheckpoint` gives it
 * @param destination - the new prefix
 * @throws `ValueError` if there is a checkpoint at the destination already, in either format, if it names no file, or if
 * `shards` is no positive integer; `UnimplementedError` or
 * `InvalidArgumentError` if V1 can't hold a dtype; what reading throws. Nothing new is left then.
 */
export async function convertCheckpoint(
  source: string,
  destination: string,
  options: ConvertOptions = {},
): Promise<Converted> {
  const { format = "V2", shards = 1, storage = defaultStorage() } = options;
  if (!Number.isInteger(shards) || shards < 1) throw new ValueError(`shards must be a positive integer, not ${shards}`);
  await requireFree(destination, storage);
  const reader = await openCheckpoint(source, options);
  try {
    const pieces = await piecesOf(reader, options);
    // An empty shard would leave TensorFlow looking for a file that is not there.
    const groups = spread(pieces, Math.min(shards, Math.max(pieces.length, 1)));
    const progress = new ProgressOfPieces(pieces, options);
    const prefix =
      format === "V2"
        ? await writeV2(reader, groups, destination, storage, progress)
        : await writeV1(reader, groups, destination, storage, progress);
    return { prefix, tensors: new Set(pieces.map(({ info }) => info)).size, shards: groups.length };
  } finally {
    await reader.close();
  }
}

/** Makes sure that nothing is written over: the two formats of one prefix would hide each other. */
async function requireFree(destination: string, storage: Storage): Promise<void> {
  if (destination === "" || destination.endsWith("/")) {
    throw new ValueError(`'${destination}' names no file: add a name to it, such as ${destination}model.ckpt`, {
      path: destination,
    });
  }
  const name = escapeGlob(destination);
  for (const pattern of [name, escapeGlob(indexFilename(destination)), allShardsPattern(name)]) {
    for (const path of await glob(storage, pattern)) {
      if ((await storage.stat(path))?.kind !== "file") continue;
      const message = `${path} is there already: choose another prefix than ${destination}, or remove it first`;
      throw new ValueError(message, { path: destination });
    }
  }
}

async function piecesOf(reader: CheckpointReader, options: ConvertOptions): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for await (const info of reader.tensors(options)) {
    const { shape, slices, size } = info;
    if (slices.length === 0) pieces.push({ info, slice: undefined, shape, size });
    for (const slice of slices) {
      pieces.push({ info, slice, shape: sliceShape(shape, slice), size: size / slices.length });
    }
  }
  return pieces;
}

/** Cuts the pieces, in their order, into `count` groups of about the same size, none of them empty. */
function spread(pieces: readonly Piece[], count: number): Piece[][] {
  const total = pieces.reduce((sum, { size }) => sum + size, 0);
  const groups: Piece[][] = Array.from({ length: count }, () => []);
  let at = 0;
  let before = 0;
  for (const [i, piece] of pieces.entries()) {
    const isFull = before >= (total * (at + 1)) / count;
    const isNeededLater = pieces.length - i <= count - 1 - at;
    if (at < count - 1 && (groups[at] as Piece[]).length > 0 && (isFull || isNeededLater)) at++;
    (groups[at] as Piece[]).push(piece);
    before += piece.size;
  }
  return groups;
}

async function writeV2(
  reader: CheckpointReader,
  groups: readonly Piece[][],
  destination: string,
  storage: Storage,
  progress: ProgressOfPieces,
): Promise<string> {
  const [only] = groups;
  if (groups.length === 1 && only !== undefined) {
    await writeBundle(reader, only, destination, storage, progress);
    return destination;
  }
  // As TensorFlow's sharded saver does: parts in a folder of their own, then joined.
  const folder = partsFolder(destination);
  const parts = groups.map((_, i) => stagedShardFilename(destination, i, groups.length));
  try {
    for (const [i, pieces] of groups.entries()) {
      await writeBundle(reader, pieces, parts[i] as string, storage, progress);
    }
    await mergeBundles(parts, destination, { storage, ...progress.options });
  } catch (error) {
    for (const part of parts) {
      await storage.remove(indexFilename(part)).catch(() => undefined);
      await storage.remove(dataFilename(part, 0, 1)).catch(() => undefined);
    }
    await storage.removeDirectory(folder).catch(() => undefined);
    throw error;
  }
  return destination;
}

async function writeBundle(
  reader: CheckpointReader,
  pieces: readonly Piece[],
  prefix: string,
  storage: Storage,
  progress: ProgressOfPieces,
): Promise<void> {
  const writer = new BundleWriter(prefix, { storage, ...progress.options });
  try {
    for (const { info, slice, size } of pieces) {
      const tensor = await reader.get(info.name, slice, progress.options);
      await (slice === undefined
        ? writer.add(info.name, tensor)
        : writer.addSlice(info.name, { shape: info.shape, slice }, tensor));
      progress.add(info.name, size);
    }
  } catch (error) {
    await writer.discard();
    throw error;
  }
  await writer.finish();
}

async function writeV1(
  reader: CheckpointReader,
  groups: readonly Piece[][],
  destination: string,
  storage: Storage,
  progress: ProgressOfPieces,
): Promise<string> {
  const numShards = groups.length;
  const paths = numShards === 1 ? [destination] : groups.map((_, i) => shardFilename(destination, i, numShards));
  const writers = groups.map((pieces, i) => {
    const writer = new SlicesWriter(paths[i] as string, { storage, ...progress.options });
    for (const { info, slice, shape, size } of pieces) {
      const read = async (): Promise<Tensor> => {
        const tensor = await reader.get(info.name, slice, progress.options);
        progress.add(info.name, size);
        return tensor;
      };
      const deferred = { dtype: info.dtype, shape, read };
      if (slice === undefined) writer.add(info.name, deferred);
      else writer.addSlice(info.name, { shape: info.shape, slice }, deferred);
    }
    return writer;
  });
  const written: string[] = [];
  try {
    for (const writer of writers) {
      await writer.finish();
      written.push(writer.path);
    }
  } catch (error) {
    for (const path of written) await storage.remove(path).catch(() => undefined);
    throw error;
  }
  return numShards === 1 ? destination : shardFilespec(destination, numShards);
}

/** Tells how far a conversion has come. */
class ProgressOfPieces {
  /** What every step is called with: the signal, but not the listener, who wants to hear of the whole. */
  readonly options: OperationOptions;
  readonly #total: number;
  #done = 0;

  constructor(
    pieces: readonly Piece[],
    private readonly outer: OperationOptions,
  ) {
    this.options = { signal: outer.signal };
    this.#total = pieces.reduce((sum, { size }) => sum + size, 0);
  }

  add(tensor: string, size: number): void {
    throwIfAborted(this.options.signal);
    this.#done += size;
    this.outer.onProgress?.({ done: this.#done, total: this.#total, tensor });
  }
}
