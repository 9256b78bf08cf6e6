import { listCheckpoints, portableBasename } from "@tfsaver/checkpoint-files";
import { diagnoseCheckpoint } from "@tfsaver/checkpoint-reader";
import { statedPaths } from "@tfsaver/checkpoint-state";
import { type CheckpointError, isCheckpointError, type OperationOptions } from "@tfsaver/core";
import { dirname, joinPath, normalizePath, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";

/** Options of {@link explainCheckpoint}. */
export interface ExplainOptions extends Pick<OperationOptions, "signal"> {
  /** Where the checkpoint is. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** True if the checkpoint is known to be damaged: then another one is named even if no fault is found. Default: false. */
  readonly isDamaged?: boolean | undefined;
}

/**
 * Explains in sentences why a checkpoint can't be restored, and which one of its folder can: which file is missing, too
 * short or of another kind, which tensors are hit, what the likely cause is, and the newest whole checkpoint of the folder.
 * Whole means that the index is intact, no file is missing or too short, and a few tensors have the right checksum.
 * {@link Saver.restore} appends these sentences to its errors.
 *
 * Never throws, because the caller has an error already.
 *
 * @param path - the checkpoint that was to be restored
 * @returns an empty list if no fault is found, unless `isDamaged` is set
 *
 * @example
 * ```ts
 * import { explainCheckpoint } from "@tfsaver/saver";
 *
 * for (const sentence of await explainCheckpoint("run/model-7")) console.log(sentence);
 * ```
 */
export async function explainCheckpoint(path: string, options: ExplainOptions = {}): Promise<readonly string[]> {
  const messages = await faultsOf(path, options).catch(() => undefined);
  if (messages?.length === 0 && !options.isDamaged) return [];
  const other = await newestWhole(path, options).catch(() => undefined);
  if (other === undefined) return messages ?? [];
  return [...(messages ?? []), `The newest whole checkpoint of the folder is ${other}.`];
}

/** Returns what is wrong with a checkpoint's files; undefined if there are no files. */
async function faultsOf(path: string, options: ExplainOptions): Promise<readonly string[] | undefined> {
  try {
    return (await diagnoseCheckpoint(path, options)).map(({ message }) => message);
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError")) return undefined;
    throw error;
  }
}

async function newestWhole(path: string, options: ExplainOptions): Promise<string | undefined> {
  for (const prefix of await otherCheckpoints(path, options.storage ?? defaultStorage())) {
    const faults = await faultsOf(prefix, options).catch(() => undefined);
    if (faults?.length === 0) return prefix;
  }
  return undefined;
}

/** Returns the same error with the sentences of {@link explainCheckpoint} appended. */
export async function withExplanation(
  error: CheckpointError,
  path: string,
  options: ExplainOptions,
): Promise<CheckpointError> {
  const isDamaged = isCheckpointError(error, "DataLossError", "OutOfRangeError");
  const explained = await explainCheckpoint(path, { ...options, isDamaged });
  const sentences = explained.filter((sentence) => !error.message.includes(sentence));
  if (sentences.length === 0) return error;
  const { offset, tensor, op } = error;
  const SameKind = error.constructor as new (...args: ConstructorParameters<typeof CheckpointError>) => CheckpointError;
  const message = [`${error.message}\n`, ...sentences].join("\n");
  return new SameKind(message, { path: error.path ?? path, offset, tensor, op, cause: error });
}

/** Returns the other checkpoints in the folder of a checkpoint, or all in a folder; newest first. */
export async function otherCheckpoints(path: string, storage: Storage): Promise<string[]> {
  const isFolder = (await storage.stat(path))?.kind === "directory";
  const folder = isFolder ? path.replace(/(?<=.)\/+$/, "") : dirname(path);
  // Only this folder is searched: a state file may name any number of paths elsewhere.
  const stated = (await statedPaths(folder, { storage, onWarning: () => undefined })).map((stated) =>
    joinPath(folder, portableBasename(stated)),
  );
  const listed = await listCheckpoints(folder, { storage, stated });
  const prefixes = listed.filter(({ modifiedMs }) => modifiedMs !== undefined).map(({ prefix }) => prefix);
  return prefixes
    .filter((prefix) => dirname(prefix) === folder && normalizePath(prefix) !== normalizePath(path))
    .reverse();
}
