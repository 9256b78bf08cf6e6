import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import type { OperationOptions } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import { type BundleReport, verifyBundle } from "@tfsaver/tensor-bundle";

/** Options of {@link verifyCheckpoint}. */
export interface VerifyOptions extends OperationOptions {
  /** Where to read. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** What {@link verifyCheckpoint} found. */
export interface VerifyReport extends BundleReport {
  readonly prefix: string;
  /** Whether every byte is as it was written. */
  readonly good: boolean;
}

/**
 * Reads every block of the index and every tensor, compares every checksum, and reports all that is wrong, each with
 * its file and offset. Numbers are read in pieces, so little memory is needed.
 *
 * @param prefix - as `resolveCheckpoint` gives it
 * @throws `NotFoundError` if there is no such checkpoint; `UnimplementedError` for format V1; the storage's errors.
 * Faults in the files are reported, not thrown.
 */
export async function verifyCheckpoint(prefix: string, options: VerifyOptions = {}): Promise<VerifyReport> {
  let report: BundleReport;
  try {
    report = await verifyBundle(prefix, options);
  } catch (error) {
    // No index: not of format V2. Opening says what it is instead.
    await (await openCheckpoint(prefix, options)).close();
    throw error;
  }
  return { prefix, ...report, good: report.problems.length === 0 };
}
