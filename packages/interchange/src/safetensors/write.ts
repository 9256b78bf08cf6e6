import { shardFilename, weightsIndexFilename } from "@tfsaver/checkpoint-names";
import type { TensorSource } from "@tfsaver/checkpoint-reader";
import { byteLength, tensorBytes, ValueError } from "@tfsaver/core";
import { basename, type WritableFile } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { type Exported, type ExportOptions, exported, PlannedPieces } from "../output/export-options.js";
import { OutputFiles, requireWritable } from "../output/output-files.js";
import { type ExportPlan, type FormatRules, type PlannedTensor, planExport } from "../output/plan-export.js";
import { metadataOf, pathsOf } from "../source/described-source.js";
import { compareNames } from "../source/file-source.js";
import { castForSafetensors, safetensorsDtype } from "./dtypes.js";
import { METADATA_KEY, printHeader } from "./header.js";

/** Options of {@link writeSafetensors}. */
export interface WriteSafetensorsOptions extends ExportOptions {
  /** Number of files, evenly filled by size; at most one for each tensor. Above 1, an index names them. Default: 1. */
  readonly shards?: number | undefined;
  /** Text to store with the tensors. Default: that of the source, if it is a file. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** The ending of a file of this format. */
const ENDING = ".safetensors";

const RULES: FormatRules = {
  format: "safetensors",
  holds: ({ name, dtype }) => safetensorsDtype(dtype) !== undefined && name !== METADATA_KEY,
  castTo: castForSafetensors,
};

/**
 * Writes tensors as a safetensors file, or as several with an index (`model.safetensors.index.json`). Copies them in pieces. The
 * files get their names when all are complete, the index last.
 *
 * The object graph of an object-based checkpoint and its counter of saves travel in the metadata, and come back when the file is
 * read with {@link openSafetensors}.
 *
 * @param source - an open checkpoint, or a file of another format
 * @throws `UnimplementedError` that lists the tensors which safetensors can't hold: strings, complex and quantized numbers, and
 * integers of less than 8 bits; `ValueError` if `shards` is not a positive integer or the file exists; `InvalidArgumentError` if
 * it is the source; the errors of reading and of the storage.
 *
 * @example
 * ```ts
 * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
 * import { writeSafetensors } from "@tfsaver/interchange/safetensors";
 *
 * await using reader = await openCheckpoint("run/model.ckpt-7");
 * const { files } = await writeSafetensors(reader, "model.safetensors");
 * console.log(files); // [ "model.safetensors" ]
 * ```
 */
export async function writeSafetensors(
  source: TensorSource,
  path: string,
  options: WriteSafetensorsOptions = {},
): Promise<Exported> {
  const { storage = defaultStorage(), shards = 1, force, dryRun } = options;
  if (!Number.isInteger(shards) || shards < 1) throw new ValueError(`shards must be a positive integer, not ${shards}`);
  const plan = await planExport(source, RULES, options);
  const groups = spread([...plan.tensors].sort(byPlace), shards);
  const paths = filesOf(path, groups.length);
  const sources = pathsOf(source);
  await requireWritable(paths, storage, { force, sources });
  const report = exported(paths, plan);
  if (dryRun) return report;
  const pieces = new PlannedPieces(source, plan, options);
  const metadata = metadataFor(source, plan, options);
  const output = new OutputFiles(storage, force);
  try {
    for (const [i, group] of groups.entries()) {
      await writeFile(await output.create(paths[i] as string, bytesOf(group)), group, metadata, pieces);
      await output.seal();
    }
    if (groups.length > 1) await (await output.create(paths.at(-1) as string)).write([printIndex(groups, paths)]);
    await output.commit();
  } catch (error) {
    await output.discard();
    throw error;
  }
  return report;
}

function metadataFor(source: TensorSource, plan: ExportPlan, options: WriteSafetensorsOptions): Record<string, string> {
  const { metadata = metadataOf(source) } = options;
  return { ...metadata, ...plan.metadata };
}

/** Orders tensors as safetensors' own writer does: wide elements first, so that all are aligned. */
function byPlace(a: PlannedTensor, b: PlannedTensor): number {
  const rank = ({ dtype }: PlannedTensor) => safetensorsDtype(dtype)?.rank ?? 0;
  return rank(b) - rank(a) || compareNames(a.info.name, b.info.name);
}

/** Splits tensors, in their order, into groups of about the same size. */
function spread(tensors: readonly PlannedTensor[], shards: number): PlannedTensor[][] {
  const count = Math.max(1, Math.min(shards, tensors.length));
  const total = bytesOf(tensors);
  const groups: PlannedTensor[][] = Array.from({ length: count }, () => []);
  let [at, before] = [0, 0];
  for (const [i, tensor] of tensors.entries()) {
    const isFull = before >= (total * (at + 1)) / count;
    const isNeededLater = tensors.length - i <= count - 1 - at;
    if (at < count - 1 && (groups[at] as PlannedTensor[]).length > 0 && (isFull || isNeededLater)) at++;
    (groups[at] as PlannedTensor[]).push(tensor);
    before += sizeOf(tensor);
  }
  return groups;
}

function sizeOf({ info, dtype }: PlannedTensor): number {
  return byteLength(dtype, info.shape);
}

function bytesOf(tensors: readonly PlannedTensor[]): number {
  return tensors.reduce((sum, tensor) => sum + sizeOf(tensor), 0);
}

/** Names the files: one, or shards counted from 1 and their index. */
function filesOf(path: string, count: number): string[] {
  if (count === 1) return [path];
  const stem = path.endsWith(ENDING) ? path.slice(0, -ENDING.length) : path;
  const shards = Array.from({ length: count }, (_, i) => `${shardFilename(stem, i + 1, count)}${ENDING}`);
  return [...shards, weightsIndexFilename(stem + ENDING)];
}

async function writeFile(
  file: WritableFile,
  tensors: readonly PlannedTensor[],
  metadata: Readonly<Record<string, string>>,
  pieces: PlannedPieces,
): Promise<void> {
  await file.write([
    printHeader(
      tensors.map(({ info, dtype }) => ({ ...info, dtype })),
      metadata,
    ),
  ]);
  // The next piece is read while this one is written.
  let writing = Promise.resolve();
  try {
    for (const tensor of tensors) {
      for await (const piece of pieces.of(tensor)) {
        await writing;
        const bytes = tensorBytes(piece);
        writing = file.write([bytes]).then(() => pieces.release(bytes));
        // A failure is reported where it is awaited.
        writing.catch(() => undefined);
      }
    }
  } finally {
    await writing;
  }
}

function printIndex(groups: readonly (readonly PlannedTensor[])[], paths: readonly string[]): Uint8Array {
  const total = bytesOf(groups.flat());
  const places = groups.flatMap((group, i) =>
    group.map(({ info }) => [info.name, basename(paths[i] as string)] as const),
  );
  const index = { metadata: { total_size: total }, weight_map: Object.fromEntries(places) };
  return new TextEncoder().encode(`${JSON.stringify(index, undefined, 2)}\n`);
}
