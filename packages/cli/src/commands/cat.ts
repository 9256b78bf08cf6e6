import { createWriteStream } from "node:fs";
import { realpath, rename, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { replacementFilename } from "@tfsaver/checkpoint-names";
import { type CheckpointReader, openCheckpoint, similarNames, type TensorInfo } from "@tfsaver/checkpoint-reader";
import { formatTensor, tensorToJson, toNpy } from "@tfsaver/checkpoint-tools";
import { isNumeric, type Tensor, tensorBytes, tensorStrings, throwIfAborted } from "@tfsaver/core";
import type { Context } from "../context.js";
import { NotThereError, UsageError } from "../errors.js";
import { find } from "../find.js";
import { printable } from "../output/printable.js";

/** Formats of `tfckpt cat`. */
export type ValueFormat = "text" | "json" | "npy" | "raw";

/** Options of `tfckpt cat`. */
export interface CatOptions {
  readonly format: ValueFormat;
  readonly output?: string;
}

/** `tfckpt cat`: prints the value of a tensor. */
export async function cat(path: string, name: string, options: CatOptions, context: Context): Promise<void> {
  const { format, output } = options;
  if (output === undefined && context.stdout.isTerminal && (format === "npy" || format === "raw")) {
    throw new UsageError(`${format} output is binary: write it to a file with -o, or pipe it to a program`);
  }
  const tensor = await read(await find(path, context), name, context);
  const chunks = encode(tensor, options, context);
  if (output !== undefined) return writeTo(output, chunks, context.signal);
  for (const chunk of chunks) await context.stdout.write(chunk);
}

async function read(prefix: string, name: string, { storage, signal }: Context): Promise<Tensor> {
  const reader = await openCheckpoint(prefix, { storage, signal });
  try {
    // `a:0` is the value of the variable `a` in a graph.
    const candidates = name.endsWith(":0") ? [name, name.slice(0, -2)] : [name];
    for (const candidate of candidates) {
      if ((await reader.info(candidate)) !== undefined) return await reader.get(candidate, undefined, { signal });
    }
    throw new NotThereError(
      `Key ${printable(name)} not found in checkpoint ${printable(prefix)}${await didYouMean(name, reader)}`,
    );
  } finally {
    await reader.close();
  }
}

/** Maximum number of similar names in a message. */
const MAX_SIMILAR = 3;

async function didYouMean(name: string, reader: CheckpointReader): Promise<string> {
  const infos: TensorInfo[] = [];
  for await (const info of reader.tensors()) infos.push(info);
  const similar = similarNames({ name }, infos).slice(0, MAX_SIMILAR);
  if (similar.length === 0) return "; run tfckpt ls to list its tensors";
  return `; did you mean ${similar.map((found) => printable(found.name)).join(" or ")}?`;
}

function encode(tensor: Tensor, { format }: CatOptions, { stdout }: Context): Iterable<string | Uint8Array> {
  switch (format) {
    case "json":
      return withNewline(tensorToJson(tensor));
    case "npy":
      return toNpy(tensor);
    case "raw":
      return isNumeric(tensor.dtype) ? [tensorBytes(tensor)] : tensorStrings(tensor);
    default:
      return [formatTensor(tensor, { lineWidth: stdout.columns }), "\n"];
  }
}

function* withNewline(pieces: Iterable<string>): Generator<string, void, undefined> {
  yield* pieces;
  yield "\n";
}

/** Writes a file under a temporary name first, so that an interrupt leaves the old file, or none. */
async function writeTo(file: string, chunks: Iterable<string | Uint8Array>, signal: AbortSignal): Promise<void> {
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
    throw new UsageError(`Can't write ${file}: ${(error as Error).message}`, { cause: error });
  }
}
