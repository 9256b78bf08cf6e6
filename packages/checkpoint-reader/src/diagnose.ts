import {
  indexFilename,
  looseDataPattern,
  parseCheckpointFilename,
  parseShardFilespec,
  stagedIndexFilename,
} from "@tfsaver/checkpoint-names";
import { isCheckpointError, NotFoundError, type OperationOptions } from "@tfsaver/core";
import { sliceFiles } from "@tfsaver/saved-tensor-slices/shards";
import { escapeGlob, glob, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { diagnoseData } from "./diagnose-data.js";
import { foreignFile } from "./foreign-file.js";
import { listVariables, openCheckpoint } from "./open-checkpoint.js";

/** Options of {@link diagnoseCheckpoint}. */
export interface DiagnoseOptions extends Pick<OperationOptions, "signal"> {
  /** Where to read. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** What is wrong with one file of a checkpoint. */
export interface Finding {
  readonly path: string;
  /** Bytes it has; `undefined` if it is missing. */
  readonly size?: number | undefined;
  /** Bytes that it must have at least, if that is known. */
  readonly expectedSize?: number | undefined;
  /** Names of the tensors that can't be read because of it, as far as they are known. */
  readonly tensors: readonly string[];
  /** All of this in words, with the likely cause and what to do. */
  readonly message: string;
}

/**
 * Finds out why a checkpoint can't be read: which of its files is missing, too short, or something else altogether, and
 * which tensors that hits. Reads the index and a few small tensors, not all: `verifyCheckpoint` of
 * `@tfsaver/checkpoint-tools` does.
 *
 * @param prefix - what was taken for the prefix of a checkpoint; it may be a folder or a file
 * @returns nothing if no fault was found
 * @throws `NotFoundError` if there is nothing of this name; the storage's errors, apart from those that say what is wrong with the files
 */
export async function diagnoseCheckpoint(prefix: string, options: DiagnoseOptions = {}): Promise<readonly Finding[]> {
  const storage = options.storage ?? defaultStorage();
  // The second is that of a checkpoint which has just replaced another.
  for (const path of [indexFilename(prefix), stagedIndexFilename(prefix)]) {
    const index = await storage.stat(path);
    if (index?.kind !== "file") continue;
    const finding = await diagnoseTable(path, prefix, index.size, { ...options, storage });
    return finding === undefined ? diagnoseData(prefix, path, { ...options, storage }) : [finding];
  }
  const found = await storage.stat(prefix);
  if (found?.kind === "directory") return [one(prefix, "is a folder: give the prefix of a checkpoint in it")];
  const file = parseCheckpointFilename(prefix);
  if (found !== undefined && file.stage === "final" && ["index", "data", "meta-graph"].includes(file.role)) {
    return [one(prefix, `is one file of a checkpoint: give the prefix, ${file.prefix}`, found.size)];
  }
  if (found !== undefined) {
    const finding = await diagnoseTable(prefix, prefix, found.size, { ...options, storage });
    return finding === undefined ? [] : [finding];
  }
  return diagnoseParts(prefix, { ...options, storage });
}

type Options = DiagnoseOptions & { readonly storage: Storage };

/** Of an index or a V1 file: whether it is one. */
async function diagnoseTable(
  path: string,
  prefix: string,
  size: number,
  options: Options,
): Promise<Finding | undefined> {
  const { storage } = options;
  if (size === 0) return one(path, `is empty. ${CUT_SHORT}`, size);
  const foreign = await foreignFile(path, storage);
  if (foreign !== undefined) return one(path, foreign, size);
  // Read as an index, a V1 file is one without tensors.
  if (path !== prefix && (await isV1(path, options))) {
    return one(path, `is a checkpoint of the older format V1 under a name of V2: rename it to ${prefix}`, size);
  }
  const error = await errorOfOpening(prefix, options);
  if (error === undefined) return undefined;
  return one(path, `has ${size} bytes, and can't be read: ${error}. ${CUT_SHORT}`, size);
}

/** Of what is not there under its very name: V1 in several files, or V2 without an index. */
async function diagnoseParts(prefix: string, options: Options): Promise<readonly Finding[]> {
  const { storage } = options;
  const index = indexFilename(prefix);
  const data = await glob(storage, looseDataPattern(escapeGlob(prefix)));
  if (data.length > 0) {
    const there = `but there is ${data.length === 1 ? data[0] : `${data[0]} and ${data.length - 1} more`}`;
    return [one(index, `is missing, ${there}: it was not copied, or the save or the removal of it was cut short`)];
  }
  const shards = await sliceFiles(storage, prefix);
  if (shards.length === 0) throw new NotFoundError(`There is neither ${index} nor ${prefix}`, { path: prefix });
  const count = parseShardFilespec(prefix)?.numShards ?? shards.length;
  if (shards.length < count) {
    return [one(prefix, `stands for ${count} files, but ${shards.length} are there: copy the others, too`)];
  }
  for (const shard of shards) {
    const stat = await storage.stat(shard);
    const finding = stat && (await diagnoseTable(shard, shard, stat.size, options));
    if (finding !== undefined) return [finding];
  }
  return [];
}

const CUT_SHORT =
  "Most likely a copy of it was cut short, or the disk was full: copy it again, or take another checkpoint";

function one(path: string, what: string, size?: number): Finding {
  return { path, size, tensors: [], message: `${path} ${what}.` };
}

async function errorOfOpening(prefix: string, options: Options): Promise<string | undefined> {
  try {
    await (await openCheckpoint(prefix, options)).close();
    return undefined;
  } catch (error) {
    if (!isCheckpointError(error, ...FAULTS)) throw error;
    return error.message;
  }
}

/** Whether a file is a V1 checkpoint that holds something. */
async function isV1(path: string, options: Options): Promise<boolean> {
  try {
    const infos = await listVariables(path, options);
    return infos.length > 0;
  } catch (error) {
    if (!isCheckpointError(error, ...FAULTS)) throw error;
    return false;
  }
}

const FAULTS = ["DataLossError", "InternalError", "InvalidArgumentError", "OutOfRangeError"] as const;
