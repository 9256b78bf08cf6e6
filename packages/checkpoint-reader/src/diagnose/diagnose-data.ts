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
import { foreignFile } from "./foreign-file.js";
import { type DiagnoseContext, problem } from "./problem.js";

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
    for (const [path, reads] of await readsByFile(reader, infos)) {
      throwIfAborted(signal);
      const { shard = 0, numShards = 1 } = parseCheckpointFilename(path);
      const staged = isStaged ? stagedDataFilename(prefix, shard, numShards) : path;
      const file = (await storage.stat(staged)) === undefined ? path : staged;
      const found = await diagnoseFile(file, reads, prefix, storage);
      if (found !== undefined) problems.push(found);
    }
    return problems.length > 0 ? problems : await diagnoseContent(reader, infos);
  } catch (error) {
    if (!isCheckpointError(error, "DataLossError", "InternalError", "InvalidArgumentError")) throw error;
    const tensors = error.tensor === undefined ? [] : [error.tensor];
    return [problem(error.path ?? indexPath, `is damaged: ${error.message}`, { tensors })];
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

async function diagnoseFile(
  path: string,
  reads: readonly PlannedRead[],
  prefix: string,
  storage: Storage,
): Promise<FileProblem | undefined> {
  const expectedSize = reads.reduce((most, { offset, length }) => Math.max(most, offset + length), 0);
  const stat = await storage.stat(path);
  const size = stat?.kind === "file" ? stat.size : undefined;
  if (size !== undefined && size >= expectedSize) return undefined;
  const affected = reads.filter(({ offset, length }) => offset + length > (size ?? 0));
  const about = { size, expectedSize, tensors: namesIn(affected) };
  if (size === undefined) {
    const [other] = (await glob(storage, looseDataPattern(escapeGlob(prefix)))).filter(
      (file) => !isSibling(file, path),
    );
    const advice =
      other === undefined
        ? "Copy it, too"
        : `There is ${other}, so index and data belong to different saves: copy all files of one save`;
    return problem(path, `is missing; it must have ${expectedSize} bytes. ${advice}`, about);
  }
  const foreign = await foreignFile(path, storage);
  if (foreign !== undefined) {
    return problem(path, `has ${size} bytes instead of ${expectedSize}: it ${foreign}`, {
      ...about,
      tensors: namesIn(reads),
    });
  }
  return problem(
    path,
    `is truncated: ${size} bytes, expected ${expectedSize}. The copy may be incomplete, the disk was full, or the file ` +
      "belongs to another save",
    about,
  );
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
  const tensors = bad.map(({ name }) => name);
  const isAll = bad.length === samples.length && samples.length > 1;
  const what = isAll
    ? `does not match the index: all ${samples.length} tensors that were tested are damaged. Index and data probably belong to ` +
      "different saves: copy all files of one save"
    : `is damaged: ${bad.length} of ${samples.length} tensors that were tested have wrong checksums. A disk or a transfer ` +
      "probably damaged it: copy it again";
  return [problem(first.path, what, { tensors })];
}
