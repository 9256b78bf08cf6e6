import {
  indexFilename,
  looseDataPattern,
  parseCheckpointFilename,
  parseShardFilespec,
  stagedIndexFilename,
} from "@tfsaver/checkpoint-names";
import { isCheckpointError, NotFoundError } from "@tfsaver/core";
import type { FileProblem } from "@tfsaver/core/slices";
import { sliceFiles } from "@tfsaver/saved-tensor-slices/shards";
import { escapeGlob, glob } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { listVariables, openCheckpoint } from "../open-checkpoint.js";
import { diagnoseData } from "./diagnose-data.js";
import { foreignFile } from "./foreign-file.js";
import { type DiagnoseContext, type DiagnoseOptions, FAULTS, problem } from "./problem.js";

const ADVICE = "The copy may be incomplete, or the disk was full: copy it again, or use another checkpoint";

/**
 * Finds out why a checkpoint can't be read: which file is missing, truncated or of another kind, and which tensors are
 * affected. Reads the index and a few small tensors. To read everything, use `verifyCheckpoint` of
 * `@tfsaver/checkpoint-tools`.
 *
 * @param prefix - the supposed prefix of a checkpoint; it may be a folder or a file
 * @returns an empty list if no problem was found
 * @throws `NotFoundError` if nothing has this name; the storage's errors, except those that damaged files cause
 * @example
 * ```ts
 * import { diagnoseCheckpoint } from "@tfsaver/checkpoint-reader";
 *
 * for (const { message } of await diagnoseCheckpoint("fixtures/goldens/v2-with-meta/model.ckpt-7.index")) {
 *   console.log(message); // … is one file of a checkpoint: pass the prefix, fixtures/goldens/v2-with-meta/model.ckpt-7.
 * }
 * ```
 */
export async function diagnoseCheckpoint(
  prefix: string,
  options: DiagnoseOptions = {},
): Promise<readonly FileProblem[]> {
  const storage = options.storage ?? defaultStorage();
  const context = { ...options, storage };
  // The staged index is that of a checkpoint that has just replaced another.
  for (const path of [indexFilename(prefix), stagedIndexFilename(prefix)]) {
    const index = await storage.stat(path);
    if (index?.kind !== "file") continue;
    const found = await diagnoseTable(path, prefix, index.size, context);
    return found === undefined ? diagnoseData(prefix, path, context) : [found];
  }
  const stat = await storage.stat(prefix);
  if (stat?.kind === "directory") return [problem(prefix, "is a folder: pass the prefix of a checkpoint in it")];
  const file = parseCheckpointFilename(prefix);
  if (stat !== undefined && file.stage === "final" && ["index", "data", "meta-graph"].includes(file.role)) {
    return [problem(prefix, `is one file of a checkpoint: pass the prefix, ${file.prefix}`, { size: stat.size })];
  }
  if (stat !== undefined) {
    const found = await diagnoseTable(prefix, prefix, stat.size, context);
    return found === undefined ? [] : [found];
  }
  return diagnoseParts(prefix, context);
}

/** Diagnoses an index or a V1 file, both of which are tables. */
async function diagnoseTable(
  path: string,
  prefix: string,
  size: number,
  context: DiagnoseContext,
): Promise<FileProblem | undefined> {
  if (size === 0) return problem(path, `is empty. ${ADVICE}`, { size });
  const foreign = await foreignFile(path, context.storage);
  if (foreign !== undefined) return problem(path, foreign, { size });
  // A V1 file opens as an index without tensors, so no error would tell.
  if (path !== prefix && (await isV1(path, context))) {
    return problem(path, `is a V1 checkpoint with the name of a V2 index: rename it to ${prefix}`, { size });
  }
  const error = await errorOfOpening(prefix, context);
  if (error === undefined) return undefined;
  return problem(path, `can't be read (${size} bytes): ${error}. ${ADVICE}`, { size });
}

/** Diagnoses a name that no file has: V1 in several files, or V2 without an index. */
async function diagnoseParts(prefix: string, context: DiagnoseContext): Promise<readonly FileProblem[]> {
  const { storage } = context;
  const index = indexFilename(prefix);
  const data = await glob(storage, looseDataPattern(escapeGlob(prefix)));
  if (data.length > 0) {
    const others = data.length === 1 ? data[0] : `${data[0]} and ${data.length - 1} more`;
    const what = `is missing, but there is ${others}. It was not copied, or a save or a removal was interrupted`;
    return [problem(index, what)];
  }
  const shards = await sliceFiles(storage, prefix);
  if (shards.length === 0) throw new NotFoundError(`There is neither ${index} nor ${prefix}`, { path: prefix });
  const count = parseShardFilespec(prefix)?.numShards ?? shards.length;
  if (shards.length < count) {
    return [problem(prefix, `has ${count} shards, but only ${shards.length} exist: copy the others, too`)];
  }
  for (const shard of shards) {
    const stat = await storage.stat(shard);
    const found = stat && (await diagnoseTable(shard, shard, stat.size, context));
    if (found !== undefined) return [found];
  }
  return [];
}

/** Returns the message of the error that opening a checkpoint gives, if it is damaged. */
async function errorOfOpening(prefix: string, context: DiagnoseContext): Promise<string | undefined> {
  try {
    await (await openCheckpoint(prefix, context)).close();
    return undefined;
  } catch (error) {
    if (!isCheckpointError(error, ...FAULTS)) throw error;
    return error.message;
  }
}

/** True if a file is a V1 checkpoint with at least one tensor. */
async function isV1(path: string, context: DiagnoseContext): Promise<boolean> {
  try {
    const infos = await listVariables(path, context);
    return infos.length > 0;
  } catch (error) {
    if (!isCheckpointError(error, ...FAULTS)) throw error;
    return false;
  }
}
