import { diagnoseCheckpoint } from "@tfsaver/checkpoint-reader";
import { type OperationOptions, throwIfAborted } from "@tfsaver/core";
import type { VerifyReport } from "@tfsaver/core/slices";
import { verifySlices } from "@tfsaver/saved-tensor-slices";
import type { Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { bundleExists, verifyBundle } from "@tfsaver/tensor-bundle";

/** Options of {@link verifyCheckpoint}. */
export interface VerifyOptions extends OperationOptions {
  /** Where to read. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** What {@link verifyCheckpoint} found. */
export interface CheckpointReport extends VerifyReport {
  readonly prefix: string;
  /** Whether every byte is as it was written. */
  readonly good: boolean;
}

/**
 * Reads every block of every table and every tensor of a checkpoint of either format, compares every checksum, and
 * reports all that is wrong, each with its file and, where it has one, its offset. Numbers are read in pieces, so little
 * memory is needed.
 *
 * @param prefix - as `resolveCheckpoint` gives it
 * @throws `NotFoundError` if there is no such checkpoint, and the storage's errors. Faults in the files are reported,
 * not thrown.
 */
export async function verifyCheckpoint(prefix: string, options: VerifyOptions = {}): Promise<CheckpointReport> {
  throwIfAborted(options.signal);
  const storage = options.storage ?? defaultStorage();
  const isV2 = await bundleExists(storage, prefix);
  const report = await (isV2 ? verifyBundle : verifySlices)(prefix, options);
  const problems = [...report.problems];
  // A file of the other format can look like an empty checkpoint.
  if (isV2 && report.tensors === 0 && problems.length === 0) {
    const findings = await diagnoseCheckpoint(prefix, options);
    problems.push(...findings.map(({ path, message }) => ({ path, message })));
  }
  return { ...report, prefix, good: problems.length === 0, problems };
}
