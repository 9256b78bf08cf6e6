import type { TensorInfo, TensorSource } from "@tfsaver/checkpoint-reader";
import { byteLength, type DType, isNumeric, type Shape, type Tensor, tensorBytes, tensorStrings } from "@tfsaver/core";
import { npyHeader, numpyDescr } from "@tfsaver/core/npy";
import type { WritableFile } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { type Exported, type ExportOptions, exported, PlannedPieces } from "../output/export-options.js";
import { OutputFiles, requireWritable } from "../output/output-files.js";
import { type ExportPlan, type FormatRules, planExport } from "../output/plan-export.js";
import { metadataOf, pathsOf } from "../source/described-source.js";
import { loadZip, ZIP_OPTIONS } from "../source/zip-archive.js";
import { ENDING, METADATA_FILE } from "./names.js";

/** Options of {@link writeNpz}. */
export interface WriteNpzOptions extends ExportOptions {
  /** Compresses the arrays, as `numpy.savez_compressed` does. Default: false. */
  readonly compress?: boolean | undefined;
  /** Text to store with the arrays. Default: that of the source, if it is a file. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** Length of the longest name in a zip file, in bytes. */
const MAX_NAME_BYTES = 65_535;
const COMPRESSION_LEVEL = 6;
/** Bytes of an array that gets 64-bit sizes, whatever else is in the file. */
const ZIP64_BYTES = 2 ** 31;

const RULES: FormatRules = { format: "npz", holds, castTo: () => undefined };

/**
 * Writes tensors as a file that `numpy.load` reads. Copies them in pieces; strings are read whole. `bfloat16` becomes raw bits of two
 * bytes, and `float8_*`, `float4_e2m1fn` and integers of less than 8 bits raw bits of one, as `numpy.save` stores the types of
 * `ml_dtypes`; quantized types become their integers. {@link openNpz} gives back the dtypes of all of them.
 *
 * The object graph of an object-based checkpoint and its counter of saves are in the file `__metadata__.json` of the archive.
 *
 * @param source - an open checkpoint, or a file of another format
 * @throws `UnimplementedError` that lists the tensors which NumPy can't hold: strings of which one ends in a zero byte, `variant`
 * and `resource`; `ValueError` if the file exists; `InvalidArgumentError` if it is the source; `FailedPreconditionError` if
 * `@zip.js/zip.js` is not installed; the errors of reading and of the storage.
 *
 * @example
 * ```ts
 * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
 * import { writeNpz } from "@tfsaver/interchange/npz";
 *
 * await using reader = await openCheckpoint("run/model.ckpt-7");
 * await writeNpz(reader, "weights.npz");
 * ```
 */
export async function writeNpz(source: TensorSource, path: string, options: WriteNpzOptions = {}): Promise<Exported> {
  const { storage = defaultStorage(), force, dryRun } = options;
  const zip = await loadZip();
  const plan = await planExport(source, RULES, options);
  const sources = pathsOf(source);
  await requireWritable([path], storage, { force, sources });
  const report = exported([path], plan);
  if (dryRun) return report;
  const pieces = new PlannedPieces(source, plan, options);
  const output = new OutputFiles(storage, force);
  try {
    const archive = new zip.ZipWriter(sink(await output.create(path, leastBytes(plan, options))), {
      ...ZIP_OPTIONS,
      level: options.compress ? COMPRESSION_LEVEL : 0,
      extendedTimestamp: false,
      // The time of all entries in a file of NumPy.
      lastModDate: new Date(1980, 0, 1),
    });
    for (const tensor of plan.tensors) {
      const { name, dtype, shape, size } = tensor.info;
      const chunks = isNumeric(dtype)
        ? numberChunks(dtype, shape, pieces.of(tensor))
        : stringChunks(shape, pieces.of(tensor));
      const comment = isNoted(dtype) ? dtype : "";
      await archive.add(name + ENDING, streamOf(chunks), { comment, zip64: size >= ZIP64_BYTES });
    }
    const text = printMetadata(source, plan, options);
    if (text !== undefined) await archive.add(METADATA_FILE, streamOf(only(text)));
    await archive.close();
    await output.commit();
  } catch (error) {
    await output.discard();
    throw error;
  }
  return report;
}

/** Returns the number of bytes that the archive takes at least; undefined if that depends on the values. */
function leastBytes({ tensors }: ExportPlan, { compress }: WriteNpzOptions): number | undefined {
  if (compress) return undefined;
  return tensors.reduce((sum, { info, dtype }) => sum + (isNumeric(dtype) ? byteLength(dtype, info.shape) : 0), 0);
}

async function holds({ name, dtype }: TensorInfo, source: TensorSource): Promise<boolean> {
  if (name.includes("\0") || new TextEncoder().encode(name + ENDING).length > MAX_NAME_BYTES) return false;
  if (dtype !== "string") return isNumeric(dtype);
  return tensorStrings(await source.get(name)).every((text) => text.at(-1) !== 0);
}

/** True for a dtype that NumPy's name does not tell. */
function isNoted(dtype: DType): boolean {
  return dtype.startsWith("q") || numpyDescr(dtype) === "<V1";
}

async function* numberChunks(
  dtype: DType,
  shape: Shape,
  pieces: AsyncIterable<Tensor>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield npyHeader(numpyDescr(dtype), shape);
  for await (const piece of pieces) yield tensorBytes(piece);
}

/** Pads strings with zeros to the length of the longest. */
async function* stringChunks(shape: Shape, pieces: AsyncIterable<Tensor>): AsyncGenerator<Uint8Array, void, undefined> {
  const strings: Uint8Array[] = [];
  for await (const piece of pieces) for (const text of tensorStrings(piece)) strings.push(text);
  // NumPy does not support strings of width 0.
  const width = strings.reduce((longest, text) => Math.max(longest, text.length), 1);
  yield npyHeader(`|S${width}`, shape);
  const padding = new Uint8Array(width);
  for (const text of strings) {
    if (text.length > 0) yield text;
    if (text.length < width) yield padding.subarray(text.length);
  }
}

function printMetadata(source: TensorSource, plan: ExportPlan, options: WriteNpzOptions): Uint8Array | undefined {
  const { metadata = metadataOf(source) } = options;
  const all = { ...metadata, ...plan.metadata };
  return Object.keys(all).length === 0 ? undefined : new TextEncoder().encode(JSON.stringify(all));
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

function streamOf(chunks: AsyncGenerator<Uint8Array, void, undefined>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return();
    },
  });
}

function sink(file: WritableFile): WritableStream<Uint8Array> {
  return new WritableStream({ write: (chunk) => file.write([chunk]) });
}
