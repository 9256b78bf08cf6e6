import { diagnoseCheckpoint } from "@tfsaver/checkpoint-reader";
import { listCheckpoints } from "@tfsaver/checkpoint-state";
import { type CheckpointError, isCheckpointError, type OperationOptions } from "@tfsaver/core";
import { dirname, normalizePath, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";

/** Options of {@link explainCheckpoint}. */
export interface ExplainOptions extends Pick<OperationOptions, "signal"> {
  /** Where the checkpoint is. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Whether it is known to be damaged, so that another one is named even where no fault is seen here. Default: false. */
  readonly isDamaged?: boolean | undefined;
}

/**
 * Why a checkpoint can't be restored, and which one of its folder can, in sentences: which file is missing, too short or
 * something else, which tensors that hits, what is likely, and the newest checkpoint of the folder whose files are whole.
 * Whole means here that the index is, that no file is missing or too short, and that a few tensors have the right checksum.
 * What {@link Saver.restore} puts behind its errors.
 *
 * @param path - what was to be restored
 * @returns nothing if no fault is found, unless there is known to be one. Never throws: whoever asks has an error already.
 */
export async function explainCheckpoint(path: string, options: ExplainOptions = {}): Promise<readonly string[]> {
  const messages = await faultsOf(path, options).catch(() => undefined);
  if (messages?.length === 0 && !options.isDamaged) return [];
  const other = await newestWhole(path, options).catch(() => undefined);
  if (other === undefined) return messages ?? [];
  return [...(messages ?? []), `The newest whole checkpoint of the folder is ${other}.`];
}

/** What is wrong with a checkpoint's files; `undefined` if there are none. */
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

/** The same error, with what {@link explainCheckpoint} finds out behind it. */
export async function withExplanation(
  error: CheckpointError,
  path: string,
  options: ExplainOptions,
): Promise<CheckpointError> {
  const isDamaged = isCheckpointError(error, ...DAMAGED);
  const sentences = await explainCheckpoint(path, { ...options, isDamaged });
  if (sentences.length === 0) return error;
  const { offset, tensor, op } = error;
  const SameKind = error.constructor as new (...args: ConstructorParameters<typeof CheckpointError>) => CheckpointError;
  const message = [`${error.message}\n`, ...sentences].join("\n");
  return new SameKind(message, { path: error.path ?? path, offset, tensor, op, cause: error });
}

/** The other checkpoints that lie in the folder of one, or in a folder; newest first. */
export async function otherCheckpoints(path: string, storage: Storage): Promise<string[]> {
  const isFolder = (await storage.stat(path))?.kind === "directory";
  const folder = isFolder ? path.replace(/(?<=.)\/+$/, "") : dirname(path);
  const listed = await listCheckpoints(folder, { storage, onWarning: () => undefined });
  const prefixes = listed.filter(({ modifiedMs }) => modifiedMs !== undefined).map(({ prefix }) => prefix);
  return prefixes
    .filter((prefix) => dirname(prefix) === folder && normalizePath(prefix) !== normalizePath(path))
    .reverse();
}

/** Kinds that only damage has. */
const DAMAGED = ["DataLossError", "OutOfRangeError"] as const;

/** Kinds that say nothing of a checkpoint's files. */
const NOT_OF_FILES = [
  "AbortedError",
  "CancelledError",
  "DeadlineExceededError",
  "PermissionDeniedError",
  "ResourceExhaustedError",
  "RuntimeError",
  "UnavailableError",
] as const;

/** Whether restoring a checkpoint has failed because of its files: they are damaged, or not there. */
export async function isOfFiles(error: unknown, path: string, options: ExplainOptions): Promise<boolean> {
  if (!isCheckpointError(error) || isCheckpointError(error, ...NOT_OF_FILES)) return false;
  if (isCheckpointError(error, ...DAMAGED)) return true;
  // The others may be about the graph as well; then the files are in order.
  // What can't be looked at either says nothing: then the error is all that is known.
  const faults = await faultsOf(path, options).catch(() => []);
  return faults?.length !== 0;
}
