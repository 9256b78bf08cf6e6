import { createWriteStream } from "node:fs";
import { realpath, rename, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseCheckpointFilename, parseShardFilespec, replacementFilename } from "@tfsaver/checkpoint-names";
import { type CheckpointReader, openCheckpoint, type TensorInfo } from "@tfsaver/checkpoint-reader";
import { findTensor, formatPieces, piecesToJson, piecesToNpy } from "@tfsaver/checkpoint-tools";
import {
  byteLength,
  contentSize,
  isCheckpointError,
  isNumeric,
  parseNumpySlice,
  sliceShape,
  type Tensor,
  type TensorSlice,
  tensorBytes,
  tensorStrings,
  throwIfAborted,
} from "@tfsaver/core";
import { canonicalPath, closing, dirname, type Storage } from "@tfsaver/storage";
import type { Context } from "../../context.js";
import { finding, UsageError } from "../../errors.js";
import { find } from "../../find.js";
import type { JsonOption } from "../../output/json.js";
import { printable } from "../../output/printable.js";
import { type ProgressBar, withProgress } from "../../output/progress.js";
import { namesBucket, requireLocal } from "../../url-storage.js";

/** Formats of `tfckpt cat`. */
export type ValueFormat = "text" | "json" | "npy" | "raw";

/** Options of `tfckpt cat`. */
export interface CatOptions extends JsonOption {
  /** Default: text. */
  readonly format?: ValueFormat;
  readonly output?: string;
  /** The part to print, in NumPy's notation. */
  readonly slice?: string;
}

/** `tfckpt cat`: prints the value of a tensor, or of a part of one. */
export async function cat(path: string, name: string, options: CatOptions, context: Context): Promise<void> {
  const { output } = options;
  const format = formatOf(options);
  const { stdout, stderr, storage, signal } = context;
  if (output === undefined && stdout.isTerminal && (format === "npy" || format === "raw")) {
    throw new UsageError(`${format} output is binary: write it to a file with -o, or pipe it to a program`);
  }
  if (output !== undefined) requireLocal(output);
  const prefix = await find(path, context);
  if (output !== undefined) await requireOther(output, prefix, context);
  const reader = await openCheckpoint(prefix, { storage, signal });
  try {
    const info = await finding(() => findNamed(reader, name, signal));
    const slice = options.slice === undefined ? undefined : sliceOf(options.slice, info);
    const tensor = { ...info, shape: slice === undefined ? info.shape : sliceShape(info.shape, slice) };
    let isVerified = true;
    const pieces = reader.stream(info.name, {
      slice,
      signal,
      // Reads only the requested part.
      checksums: slice === undefined ? "whole" : "none",
      onRead: ({ verified }) => {
        isVerified = verified;
      },
    });
    await withProgress("cat", context, async ({ update, clear }) => {
      const chunks = encode(tensor, output === undefined ? pieces : reporting(pieces, tensor, update), format, context);
      if (output !== undefined) return writeTo(output, chunks, context);
      for await (const chunk of chunks) {
        clear();
        await stdout.write(chunk);
      }
    });
    if (!isVerified) await stderr.line(`tfckpt: this part of ${printable(info.name)} is not verified`);
  } finally {
    await reader.close();
  }
}

function formatOf({ format, json }: CatOptions): ValueFormat {
  if (!json || format === "json") return format ?? "text";
  if (format !== undefined) throw new UsageError("give --json or --format, not both");
  return "json";
}

/** Makes sure that no file of the checkpoint is replaced, nor the state file beside it. */
async function requireOther(output: string, prefix: string, { storage }: Context): Promise<void> {
  const written = parseCheckpointFilename(output);
  const own = parseShardFilespec(prefix)?.prefix ?? prefix;
  const [target, source] = written.role === "state" ? [dirname(output), dirname(own)] : [written.prefix, own];
  const [there, here] = await Promise.all([target, source].map((path) => canonicalPath(storage, path)));
  if (there === here) throw new UsageError(`${output} belongs to the checkpoint that is read: choose another file`);
}

async function findNamed(reader: CheckpointReader, name: string, signal: AbortSignal): Promise<TensorInfo> {
  try {
    return await findTensor(reader, name, { signal });
  } catch (error) {
    if (isCheckpointError(error, "ValueError")) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function sliceOf(text: string, { shape }: TensorInfo): TensorSlice {
  try {
    return parseNumpySlice(text, shape);
  } catch (cause) {
    throw new UsageError(`--slice: ${(cause as Error).message}`, { cause });
  }
}

/** Yields the pieces of a tensor, and reports each once it was used. */
async function* reporting(
  pieces: AsyncIterable<Tensor>,
  { name: tensor, dtype, shape }: TensorInfo,
  update: ProgressBar["update"],
): AsyncGenerator<Tensor> {
  const total = isNumeric(dtype) ? byteLength(dtype, shape) : 0;
  let done = 0;
  for await (const piece of pieces) {
    yield piece;
    done += contentSize(piece);
    update({ done, total, tensor });
  }
}

async function* encode(
  tensor: TensorInfo,
  pieces: AsyncIterable<Tensor>,
  format: ValueFormat,
  { stdout }: Context,
): AsyncGenerator<string | Uint8Array> {
  switch (format) {
    case "json":
      yield* piecesToJson(tensor, pieces);
      yield "\n";
      return;
    case "npy":
      yield* piecesToNpy(tensor, pieces);
      return;
    case "raw":
      for await (const piece of pieces) {
        if (isNumeric(piece.dtype)) yield tensorBytes(piece);
        else yield* tensorStrings(piece);
      }
      return;
    default:
      yield await formatPieces(tensor, pieces, { lineWidth: stdout.columns });
      yield "\n";
  }
}

/** Writes a file in one step, so that an interrupt leaves the old file, or none. */
async function writeTo(
  file: string,
  chunks: AsyncIterable<string | Uint8Array>,
  { storage, signal }: Context,
): Promise<void> {
  if (namesBucket(file)) return writeToBucket(file, chunks, storage);
  const target = await realpath(file).catch(() => file);
  const old = await stat(target).catch(() => undefined);
  // A device or a pipe can't be replaced.
  const path = old === undefined || old.isFile() ? replacementFilename(target) : target;
  try {
    await pipeline(Readable.from(chunks), createWriteStream(path, { mode: old?.mode }), { signal });
    if (path !== target) await rename(path, target);
  } catch (error) {
    if (path !== target) await rm(path, { force: true });
    throwIfAborted(signal);
    // The checkpoint could not be read.
    if (isCheckpointError(error)) throw error;
    throw new UsageError(`Can't write ${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** Writes an object, which appears when it is complete. */
async function writeToBucket(
  path: string,
  chunks: AsyncIterable<string | Uint8Array>,
  storage: Storage,
): Promise<void> {
  const text = new TextEncoder();
  const file = await storage.create(path);
  await closing(file, async () => {
    for await (const chunk of chunks) await file.write([typeof chunk === "string" ? text.encode(chunk) : chunk]);
  });
}
