import { findCheckpointFiles } from "@tfsaver/checkpoint-files";
import { allDataPattern, indexFilename, metaGraphFilename } from "@tfsaver/checkpoint-names";
import type { WarningListener } from "@tfsaver/core";
import { escapeGlob, glob, type Storage } from "@tfsaver/storage";

/** Tells what a save or a restore did: see the option `onMetrics` of a saver. */
export interface CheckpointMetrics {
  readonly operation: "save" | "restore";
  /** Prefix of the checkpoint; for a failure, the path that was passed. */
  readonly path: string;
  /** Time from the call to its end, in milliseconds. */
  readonly durationMs: number;
  /** Paths of the checkpoint's files, for a save with the meta graph. Empty after a failure. */
  readonly files: readonly string[];
  /** Size of these files in bytes. */
  readonly bytes: number;
  /** The error of a failure. */
  readonly error?: unknown;
}

/** Options of {@link measured}. */
export interface MeasureOptions {
  readonly onMetrics: ((metrics: CheckpointMetrics) => void) | undefined;
  readonly storage: Storage;
  readonly onWarning: WarningListener;
  /** The path that was passed. */
  readonly path: string;
  /** When the operation was called: the value of `performance.now()`. */
  readonly started: number;
  /** Ending of the meta graph file that was written, if any. */
  readonly metaGraphSuffix?: string | undefined;
}

/**
 * Runs a save or a restore, and tells `onMetrics` about it. A failure to do so is a warning.
 *
 * @param pathOf - returns the prefix of the checkpoint, if there is one
 */
export async function measured<T>(
  operation: CheckpointMetrics["operation"],
  options: MeasureOptions,
  run: () => Promise<T>,
  pathOf: (result: T) => string | undefined,
): Promise<T> {
  const { onMetrics, onWarning, path, started } = options;
  if (onMetrics === undefined) return run();
  const tell = async (prefix: string | undefined, outcome: Pick<CheckpointMetrics, "error">) => {
    const durationMs = performance.now() - started;
    try {
      const found = prefix === undefined ? { files: [], bytes: 0 } : await filesOf(prefix, options);
      onMetrics({ operation, path: prefix ?? path, durationMs, ...found, ...outcome });
    } catch (error) {
      onWarning(`onMetrics failed for ${path}: ${(error as Error).message}`);
    }
  };
  let result: T;
  try {
    result = await run();
  } catch (error) {
    await tell(undefined, { error });
    throw error;
  }
  await tell(pathOf(result), {});
  return result;
}

async function filesOf(prefix: string, { storage, metaGraphSuffix }: MeasureOptions) {
  const candidates = await findCheckpointFiles(storage, prefix);
  if (candidates.includes(indexFilename(prefix))) {
    for (const path of await glob(storage, allDataPattern(escapeGlob(prefix)))) candidates.push(path);
  }
  if (metaGraphSuffix !== undefined) candidates.push(metaGraphFilename(prefix, metaGraphSuffix));
  const files: string[] = [];
  let bytes = 0;
  for (const path of candidates) {
    const stat = await storage.stat(path);
    if (stat?.kind !== "file") continue;
    files.push(path);
    bytes += stat.size;
  }
  return { files: files.sort(), bytes };
}
