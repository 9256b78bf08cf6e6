import { indexFilename, looseDataPattern, parseShardFilespec, stagedIndexFilename } from "@tfsaver/checkpoint-names";
import { NotFoundError } from "@tfsaver/core";
import type { FileProblem } from "@tfsaver/core/slices";
import { sliceFiles } from "@tfsaver/saved-tensor-slices/shards";
import { escapeGlob, glob } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { prefixInName } from "../prefix/prefix-of-file.js";
import { resolvePrefix } from "../prefix/resolve-prefix.js";
import { diagnoseData } from "./diagnose-data.js";
import { diagnoseTable } from "./diagnose-table.js";
import type { FileKind } from "./identified-file.js";
import { identifyFile } from "./identify-file.js";
import { type DiagnoseContext, type DiagnoseOptions, problem } from "./problem.js";

/**
 * Finds out why a checkpoint can't be read: which file is missing, truncated or of another kind, and which tensors are
 * affected. Reads the index and a few small tensors. To read everything, use `verifyCheckpoint` of
 * `@tfsaver/checkpoint-tools`.
 *
 * @param path - the supposed prefix of a checkpoint, or one of its files; it may be a folder or a file of another kind
 * @returns an empty list if no problem was found
 * @throws `NotFoundError` if nothing has this name; the storage's errors, except those that damaged files cause
 * @example
 * ```ts
 * import { diagnoseCheckpoint } from "@tfsaver/checkpoint-reader";
 *
 * for (const { message } of await diagnoseCheckpoint("fixtures/goldens/v2-with-meta/checkpoint")) {
 *   console.log(message); // fixtures/goldens/v2-with-meta/checkpoint is a state file, which lists checkpoints.
 * }
 * ```
 */
export async function diagnoseCheckpoint(path: string, options: DiagnoseOptions = {}): Promise<readonly FileProblem[]> {
  const storage = options.storage ?? defaultStorage();
  const context = { ...options, storage };
  const found = await diagnosePrefix(path, context);
  if (found !== undefined) return found;
  const prefix = (await resolvePrefix(path, { storage })) ?? path;
  if (prefix !== path) return (await diagnosePrefix(prefix, context)) ?? diagnoseV1(prefix, context);
  return diagnoseV1(path, context);
}

/** Diagnoses a V2 checkpoint. Undefined if there is no index of this prefix. */
async function diagnosePrefix(prefix: string, context: DiagnoseContext): Promise<readonly FileProblem[] | undefined> {
  const { storage } = context;
  // The staged index is that of a checkpoint that has just replaced another.
  for (const path of [indexFilename(prefix), stagedIndexFilename(prefix)]) {
    const index = await storage.stat(path);
    if (index?.kind !== "file") continue;
    const found = await diagnoseTable(path, prefix, index.size, context);
    return found === undefined ? diagnoseData(prefix, path, context) : [found];
  }
  return undefined;
}

/** Kinds of file that a data file or a meta graph can be, or look like. */
const POSSIBLE: ReadonlySet<FileKind> = new Set(["meta-graph", "text", "zeros"]);

/** Diagnoses a file that is no part of a V2 checkpoint with an index, a folder, or a name that no file has. */
async function diagnoseV1(path: string, context: DiagnoseContext): Promise<readonly FileProblem[]> {
  const stat = await context.storage.stat(path);
  if (stat?.kind === "directory")
    return [problem(path, "folder", "is a folder: pass the prefix of a checkpoint in it")];
  const prefix = prefixInName(path);
  if (stat === undefined) return diagnoseParts(prefix ?? path, context);
  const found = await diagnoseTable(path, path, stat.size, context);
  if (found === undefined) return [];
  if (prefix === undefined) return [found];
  const what = `is missing, but there is ${path}. Copy all files of the checkpoint`;
  const missing = problem(indexFilename(prefix), "missing", what);
  const identified = await identifyFile(path, context.storage);
  const isForeign = identified !== undefined && !POSSIBLE.has(identified.kind);
  if (!isForeign) return [missing];
  return [missing, problem(path, identified.kind, `is ${identified.description}`, { size: stat.size })];
}

/** Diagnoses a name that no file has: V1 in several files, or V2 without an index. */
async function diagnoseParts(prefix: string, context: DiagnoseContext): Promise<readonly FileProblem[]> {
  const { storage } = context;
  const index = indexFilename(prefix);
  const data = await glob(storage, looseDataPattern(escapeGlob(prefix)));
  if (data.length > 0) {
    const others = data.length === 1 ? data[0] : `${data[0]} and ${data.length - 1} more`;
    const what = `is missing, but there is ${others}. It was not copied, or a save or a removal was interrupted`;
    return [problem(index, "missing", what)];
  }
  const shards = await sliceFiles(storage, prefix);
  if (shards.length === 0) throw new NotFoundError(`There is neither ${index} nor ${prefix}`, { path: prefix });
  const count = parseShardFilespec(prefix)?.numShards ?? shards.length;
  if (shards.length < count) {
    const what = `has ${count} shards, but only ${shards.length} exist: copy the others, too`;
    return [problem(prefix, "missing", what)];
  }
  for (const shard of shards) {
    const stat = await storage.stat(shard);
    const found = stat && (await diagnoseTable(shard, shard, stat.size, context));
    if (found !== undefined) return [found];
  }
  return [];
}
