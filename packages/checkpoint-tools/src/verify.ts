import { diagnoseCheckpoint } from "@tfsaver/checkpoint-reader";
import { type OperationOptions, throwIfAborted } from "@tfsaver/core";
import type { VerifyReport } from "@tfsaver/core/slices";
import { verifySlices } from "@tfsaver/saved-tensor-slices";
import type { Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { bundleExists, verifyBundle } from "@tfsaver/tensor-bundle";

/** Options of {@link verifyCheckpoint}. */
export interface VerifyOptions extends OperationOptions {
  /** Storage to read from. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** Result of {@link verifyCheckpoint}. */
export interface CheckpointReport extends VerifyReport {
  readonly prefix: string;
  /** True if nothing is damaged. */
  readonly good: boolean;
}

/**
 * Verifies a checkpoint of either format: reads every block and every tensor, compares every checksum, and reports all
 * problems with their file and, if known, offset. Numeric tensors are read in pieces, so it needs little memory.
 *
 * @param prefix - as `resolveCheckpoint` returns it
 * @throws `NotFoundError` if the checkpoint does not exist; the errors of the storage. Damage is reported, not thrown.
 *
 * @example
 * ```ts
 * import { verifyCheckpoint } from "@tfsaver/checkpoint-tools";
 *
 * const { good, problems } = await verifyCheckpoint("run/model.ckpt-7");
 * if (!good) for (const { path, offset, message } of problems) console.log(path, offset, message);
 * ```
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
    for (const { path, message } of findings) problems.push({ path, message });
  }
  return { ...report, prefix, good: problems.length === 0, problems };
}
