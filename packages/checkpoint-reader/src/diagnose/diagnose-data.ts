import {
  indexFilename,
  looseDataPattern,
  parseCheckpointFilename,
  stagedDataFilename,
} from "@tfsaver/checkpoint-names";
import { isCheckpointError, throwIfAborted } from "@tfsaver/core";
import type { FileProblem, PlannedRead } from "@tfsaver/core/slices";
import { escapeGlob, glob, type Storage } from "@tfsaver/storage";
import type { CheckpointReader, TensorInfo } from "../checkpoint-reader.js";
import { openCheckpoint } from "../open-checkpoint.js";
import type { FileKind } from "./identified-file.js";
import { identifyFile } from "./identify-file.js";
import { CHANGED, type DiagnoseContext, problem } from "./problem.js";

/** Maximum number of tensors to read, and of bytes of each, to test whether data and index belong together. */
const MAX_SAMPLES = 16;
const MAX_SAMPLE_BYTES = 64 << 10;

/** Compares the data files of a V2 checkpoint with its index. */
export async function diagnoseData(
  prefix: string,
  indexPath: string,
  context: DiagnoseContext,
): Promise<readonly FileProblem[]> {
  const { storage, signal } = context;
  const isStaged = indexPath !== indexFilename(prefix);
  const reader = await openCheckpoint(prefix, context);
  try {
    const infos: TensorInfo[] = [];
    for await (const info of reader.tensors(context)) infos.push(info);
    const problems: FileProblem[] = [];
    const sizes = new Map<string, FileSize>();
    for (const [path, reads] of await readsByFile(reader, infos)) {
      throwIfAborted(signal);
      const { shard = 0, numShards = 1 } = parseCheckpointFilename(path);
      const staged = isStaged ? stagedDataFilename(prefix, shard, numShards) : path;
      const file = (await storage.stat(staged)) === undefined ? path : staged;
      const size = { path: file, expected: endOf(reads), actual: await sizeOf(file, storage) };
      sizes.set(path, size);
      const found = await diagnoseFile(size, reads, prefix, storage);
      if (found !== undefined) problems.push(found);
    }
    return problems.length > 0 ? problems : await diagnoseContent(reader, infos, sizes, storage);
  } catch (error) {
    if (!isCheckpointError(error, "DataLossError", "InternalError", "InvalidArgumentError")) throw error;
    const tensors = error.tensor === undefined ? [] : [error.tensor];
    const path = error.path ?? indexPath;
    return [
      error.kind === "DataLossError"
        ? problem(path, "changed", CHANGED, { tensors })
        : { path, tensors, message: error.message },
    ];
  } finally {
    await reader.close();
  }
}

/** Plans the reads of all tensors, by data file. */
async function readsByFile(
  reader: CheckpointReader,
  infos: readonly TensorInfo[],
): Promise<ReadonlyMap<string, readonly PlannedRead[]>> {
  const files = new Map<string, PlannedRead[]>();
  for (const { name } of infos) {
    for (const read of await reader.plan([{ name }])) {
      const reads = files.get(read.path) ?? [];
      reads.push({ ...read, tensors: [name] });
      files.set(read.path, reads);
    }
  }
  return files;
}

/** Sizes of a data file in bytes. */
interface FileSize {
  /** The file, under its final or its staged name. */
  readonly path: string;
  /** End of the last tensor in it. */
  readonly expected: number;
  /** Undefined if there is no such file. */
  readonly actual: number | undefined;
}

function endOf(reads: readonly PlannedRead[]): number {
  return reads.reduce((most, { offset, length }) => Math.max(most, offset + length), 0);
}

async function sizeOf(path: string, storage: Storage): Promise<number | undefined> {
  const stat = await storage.stat(path);
  return stat?.kind === "file" ? stat.size : undefined;
}

/** Diagnoses a data file that is missing, too short, or evidently of another kind. */
async function diagnoseFile(
  { path, expected, actual: size }: FileSize,
  reads: readonly PlannedRead[],
  prefix: string,
  storage: Storage,
): Promise<FileProblem | undefined> {
  if (size === expected) return undefined;
  const about = { size, expectedSize: expected, tensors: namesIn(reads) };
  if (size === undefined)
    return problem(path, "missing", await describeMissing(path, expected, prefix, storage), about);
  const identified = size === 0 ? undefined : await identifyFile(path, storage);
  if (identified !== undefined && identified.kind !== "zeros") {
    const what = `has ${size} bytes instead of ${expected}: it is ${identified.description}`;
    return problem(path, identified.kind, what, about);
  }
  if (size > expected) return undefined;
  const affected = reads.filter(({ offset, length }) => offset + length > size);
  return problem(
    path,
    "truncated",
    `is truncated: ${size} bytes, expected ${expected}. The copy may be incomplete, the disk was full, or the file ` +
      "belongs to another save",
    { ...about, tensors: namesIn(affected) },
  );
}

async function describeMissing(path: string, expected: number, prefix: string, storage: Storage): Promise<string> {
  const files = await glob(storage, looseDataPattern(escapeGlob(prefix)));
  const other = files.find((file) => !isSibling(file, path));
  const advice =
    other === undefined
      ? "Copy it, too"
      : `There is ${other}, so index and data belong to different saves: copy all files of one save`;
  return `is missing; it must have ${expected} bytes. ${advice}`;
}

function namesIn(reads: readonly PlannedRead[]): readonly string[] {
  return [...new Set(reads.flatMap(({ tensors }) => tensors))];
}

/** True if two data files are shards of one save, by the number of shards in their names. */
function isSibling(one: string, other: string): boolean {
  const [a, b] = [parseCheckpointFilename(one), parseCheckpointFilename(other)];
  return a.stage !== "temporary" && b.stage !== "temporary" && a.numShards === b.numShards;
}

/** Reads some tensors of files that are long enough, to tell files of different saves from a few damaged bytes. */
async function diagnoseContent(
  reader: CheckpointReader,
  infos: readonly TensorInfo[],
  sizes: ReadonlyMap<string, FileSize>,
  storage: Storage,
): Promise<readonly FileProblem[]> {
  const samples = infos.filter(({ size }) => size > 0 && size <= MAX_SAMPLE_BYTES).slice(0, MAX_SAMPLES);
  const bad: { readonly name: string; readonly path: string }[] = [];
  for (const { name } of samples) {
    try {
      await reader.get(name);
    } catch (error) {
      if (!isCheckpointError(error, "DataLossError")) throw error;
      bad.push({ name, path: error.path ?? reader.prefix });
    }
  }
  const [first] = bad;
  if (first === undefined) return [];
  const { path, expected, actual = expected } = sizes.get(first.path) ?? { path: first.path, expected: 0 };
  const about = { size: actual, expectedSize: expected, tensors: bad.map(({ name }) => name) };
  if (actual > expected) {
    const what = `is longer than it must be: ${actual} bytes, expected ${expected}. It probably belongs to another save`;
    return [problem(path, "mixed-saves", `${what}: copy all files of one save`, about)];
  }
  const isAll = bad.length === samples.length;
  const identified = isAll ? await identifyFile(path, storage) : undefined;
  if (identified !== undefined && FOREIGN_CONTENT.has(identified.kind)) {
    return [problem(path, identified.kind, `is ${identified.description}`, about)];
  }
  if (isAll && samples.length > 1) {
    const what =
      `does not match the index: all ${samples.length} tensors that were tested are damaged. Index and data probably ` +
      "belong to different saves: copy all files of one save";
    return [problem(path, "mixed-saves", what, about)];
  }
  const what =
    `is damaged: ${bad.length} of ${samples.length} tensors that were tested have wrong checksums. A disk or a transfer ` +
    "probably damaged it: copy it again";
  return [problem(path, "changed", what, about)];
}

/** Kinds of file that a data file of the right size can be, and that the values of tensors do not look like. */
const FOREIGN_CONTENT: ReadonlySet<FileKind> = new Set(["git-lfs-pointer", "web-page", "zeros"]);
