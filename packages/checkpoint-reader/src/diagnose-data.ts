import {
  indexFilename,
  looseDataPattern,
  parseCheckpointFilename,
  stagedDataFilename,
} from "@tfsaver/checkpoint-names";
import { isCheckpointError, throwIfAborted } from "@tfsaver/core";
import { escapeGlob, glob, type Storage } from "@tfsaver/storage";
import type { DiagnoseOptions, Finding } from "./diagnose.js";
import { foreignFile } from "./foreign-file.js";
import { openCheckpoint } from "./open-checkpoint.js";
import type { CheckpointReader, PlannedRead, TensorInfo } from "./reader.js";

/** So many tensors are read, none of them larger than this, to see whether data and index belong together. */
const TRIED = 16;
const LARGEST_TRIED = 64 << 10;
/** So many names are said. */
const NAMED = 5;

/** Compares the data files of a V2 checkpoint with what its index says of them. */
export async function diagnoseData(
  prefix: string,
  indexPath: string,
  options: DiagnoseOptions & { readonly storage: Storage },
): Promise<readonly Finding[]> {
  const { storage, signal } = options;
  const isStaged = indexPath !== indexFilename(prefix);
  const reader = await openCheckpoint(prefix, options);
  try {
    const infos: TensorInfo[] = [];
    for await (const info of reader.tensors(options)) infos.push(info);
    const findings: Finding[] = [];
    for (const [path, reads] of await readsByFile(reader, infos)) {
      throwIfAborted(signal);
      const { shard = 0, numShards = 1 } = parseCheckpointFilename(path);
      const waiting = isStaged ? stagedDataFilename(prefix, shard, numShards) : path;
      const file = (await storage.stat(waiting)) === undefined ? path : waiting;
      const finding = await diagnoseFile(file, reads, prefix, storage);
      if (finding !== undefined) findings.push(finding);
    }
    return findings.length > 0 ? findings : await diagnoseContent(reader, infos);
  } catch (error) {
    if (!isCheckpointError(error, "DataLossError", "InternalError", "InvalidArgumentError")) throw error;
    return [finding(error.path ?? indexPath, `is damaged: ${error.message}`, { tensors: namesOf(error.tensor) })];
  } finally {
    await reader.close();
  }
}

/** What must be read of each data file, tensor by tensor. */
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
): Promise<Finding | undefined> {
  const expectedSize = reads.reduce((most, { offset, length }) => Math.max(most, offset + length), 0);
  const stat = await storage.stat(path);
  const size = stat?.kind === "file" ? stat.size : undefined;
  if (size !== undefined && size >= expectedSize) return undefined;
  const hit = reads.filter(({ offset, length }) => offset + length > (size ?? 0));
  const tensors = [...new Set(hit.flatMap((read) => read.tensors))];
  const about = { size, expectedSize, tensors };
  if (size === undefined) {
    const [other] = (await glob(storage, looseDataPattern(escapeGlob(prefix)))).filter(
      (file) => !isSibling(file, path),
    );
    const why =
      other === undefined
        ? "copy it, too"
        : `but there is ${other}, so the index is of another save than the data: copy all files of one save`;
    return finding(path, `is missing; it must have ${expectedSize} bytes: ${why}`, about);
  }
  const foreign = await foreignFile(path, storage);
  if (foreign !== undefined) {
    const all = [...new Set(reads.flatMap((read) => read.tensors))];
    return finding(path, `has ${size} bytes and must have ${expectedSize}: it ${foreign}`, { ...about, tensors: all });
  }
  return finding(
    path,
    `has ${size} bytes, but must have ${expectedSize}: most likely a copy of it was cut short, or the disk was full; or it ` +
      "is a data file of another save",
    about,
  );
}

/** Whether two data files are shards of one save, by their number. */
function isSibling(one: string, other: string): boolean {
  const [a, b] = [parseCheckpointFilename(one), parseCheckpointFilename(other)];
  return a.stage !== "temporary" && b.stage !== "temporary" && a.numShards === b.numShards;
}

/** All files are as long as they must be: reads some tensors to see whether it is all that is wrong, or a few bytes. */
async function diagnoseContent(reader: CheckpointReader, infos: readonly TensorInfo[]): Promise<readonly Finding[]> {
  const small = infos.filter(({ size }) => size > 0 && size <= LARGEST_TRIED).slice(0, TRIED);
  const bad: { readonly name: string; readonly path: string; readonly message: string }[] = [];
  for (const { name } of small) {
    try {
      await reader.get(name);
    } catch (error) {
      if (!isCheckpointError(error, "DataLossError")) throw error;
      bad.push({ name, path: error.path ?? reader.prefix, message: error.message });
    }
  }
  const [first] = bad;
  if (first === undefined) return [];
  const tensors = bad.map(({ name }) => name);
  const isAll = bad.length === small.length && small.length > 1;
  const likely = isAll
    ? `holds other bytes than the index says in all of the ${small.length} tensors that were tried: most likely index and ` +
      "data are of two saves, so copy all files of one"
    : `has the right length, but ${bad.length} of ${small.length} tensors that were tried hold other bytes than were ` +
      "written: most likely a disk or a transfer has damaged it, so copy it again";
  return [finding(first.path, likely, { tensors })];
}

function finding(path: string, what: string, about: Omit<Finding, "path" | "message">): Finding {
  const { tensors } = about;
  const more = tensors.length > NAMED ? ` and ${tensors.length - NAMED} more` : "";
  const hit = tensors.length === 0 ? "" : ` Tensors hit: ${tensors.slice(0, NAMED).join(", ")}${more}.`;
  return { path, ...about, message: `${path} ${what}.${hit}` };
}

function namesOf(tensor: string | undefined): readonly string[] {
  return tensor === undefined ? [] : [tensor];
}
