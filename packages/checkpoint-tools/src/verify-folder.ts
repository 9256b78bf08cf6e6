import { type ListedCheckpoint, listCheckpoints } from "@tfsaver/checkpoint-files";
import { indexFilename, STATE_FILENAME } from "@tfsaver/checkpoint-names";
import { getCheckpointState, statedPaths } from "@tfsaver/checkpoint-state";
import { isCheckpointError } from "@tfsaver/core";
import { type FileProblem, problemOf } from "@tfsaver/core/slices";
import { joinPath, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { bundleExists } from "@tfsaver/tensor-bundle";
import { type CheckpointReport, type VerifyOptions, verifyCheckpoint } from "./verify.js";

/** Options of {@link verifyCheckpoints}. */
export interface VerifyFolderOptions extends VerifyOptions {
  /** Name of the state file. Default: `checkpoint`. */
  readonly latestFilename?: string | undefined;
  /** Called with the report on each checkpoint as soon as it is verified. */
  readonly onReport?: ((report: ListedReport) => void | Promise<void>) | undefined;
}

/** The report on one checkpoint of a folder. */
export interface ListedReport extends CheckpointReport, Pick<ListedCheckpoint, "format" | "inState"> {}

/** Result of {@link verifyCheckpoints}. */
export interface FolderReport {
  readonly folder: string;
  /** True if all checkpoints are good, and so is the state file, if there is one. */
  readonly good: boolean;
  /** Oldest first. */
  readonly checkpoints: readonly ListedReport[];
  /** Prefix of the newest good checkpoint; `undefined` if there is none. */
  readonly newestGood: string | undefined;
  /** Problems of the state file itself. */
  readonly problems: readonly FileProblem[];
}

/**
 * Verifies all checkpoints of a folder, whether or not its state file names them, as {@link verifyCheckpoint} does.
 * Missing checkpoints that the state file names are reported as damaged, and so are data files without an index.
 *
 * @throws `NotFoundError` if the folder does not exist; the errors of the storage.
 *
 * @example
 * ```ts
 * import { verifyCheckpoints } from "@tfsaver/checkpoint-tools";
 *
 * const { good, newestGood } = await verifyCheckpoints("run");
 * if (!good) console.log(`the newest good checkpoint is ${newestGood}`);
 * ```
 */
export async function verifyCheckpoints(folder: string, options: VerifyFolderOptions = {}): Promise<FolderReport> {
  const storage = options.storage ?? defaultStorage();
  const { latestFilename } = options;
  const problems = await stateProblems(folder, latestFilename ?? STATE_FILENAME, storage);
  const stated = await statedPaths(folder, { storage, latestFilename, onWarning: () => undefined });
  const listed = await listCheckpoints(folder, { storage, latestFilename, stated });
  const checkpoints: ListedReport[] = [];
  for (const checkpoint of listed) {
    const { prefix, format, inState } = checkpoint;
    const report = { format, inState, ...(await verifyListed(checkpoint, { ...options, storage })), prefix };
    checkpoints.push(report);
    await options.onReport?.(report);
  }
  const newestGood = checkpoints.findLast(({ good }) => good)?.prefix;
  const good = problems.length === 0 && checkpoints.every((checkpoint) => checkpoint.good);
  return { folder, good, checkpoints, newestGood, problems };
}

async function verifyListed(
  { prefix, format, modifiedMs }: ListedCheckpoint,
  options: VerifyOptions & { readonly storage: Storage },
): Promise<CheckpointReport> {
  const bad = (message: string) => ({
    prefix,
    good: false,
    tensors: 0,
    bytes: 0,
    problems: [{ path: indexFilename(prefix), message }],
  });
  if (modifiedMs === undefined) return bad("this file is missing, but the state file names its checkpoint");
  if (format === "V2" && !(await bundleExists(options.storage, prefix))) {
    return bad("this file is missing; the data files next to it cannot be read without it");
  }
  try {
    return await verifyCheckpoint(prefix, options);
  } catch (error) {
    if (!isCheckpointError(error, "NotFoundError")) throw error;
    return bad("this file was removed during verification");
  }
}

/** Returns the problems that make a state file unusable. */
async function stateProblems(folder: string, latestFilename: string, storage: Storage): Promise<FileProblem[]> {
  const path = joinPath(folder, latestFilename);
  const warnings: string[] = [];
  const onWarning = (message: string) => void warnings.push(message);
  try {
    await getCheckpointState(folder, { storage, latestFilename, onWarning });
    return warnings.length === 0 ? [] : [{ path, message: warnings.join(" ") }];
  } catch (error) {
    if (isCheckpointError(error, "ValueError")) return [{ path, message: error.message }];
    return [problemOf(error, path)];
  }
}
