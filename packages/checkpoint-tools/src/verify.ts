import { type OperationOptions, throwIfAborted } from "@tfsaver/core";
import { verifySlices } from "@tfsaver/saved-tensor-slices";
import type { Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { indexFilename, verifyBundle } from "@tfsaver/tensor-bundle";

/** Options of {@link verifyCheckpoint}. */
export interface VerifyOptions extends OperationOptions {
  /** Where to read. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** Something wrong in a checkpoint's files. */
export interface CheckpointProblem {
  readonly path: string;
  /** Byte offset in that file, where the fault has one. */
  readonly offset?: number;
  /** The tensor that can't be read because of it, where it is one. */
  readonly tensor?: string;
  readonly message: string;
}

/** What {@link verifyCheckpoint} found. */
export interface VerifyReport {
  readonly prefix: string;
  /** Whether every byte is as it was written. */
  readonly good: boolean;
  /** Tensors that were read and are whole. */
  readonly tensors: number;
  /** Bytes of tensor data that were read and are whole. */
  readonly bytes: number;
  /** Empty if the checkpoint is good. */
  readonly problems: readonly CheckpointProblem[];
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
export async function verifyCheckpoint(prefix: string, options: VerifyOptions = {}): Promise<VerifyReport> {
  throwIfAborted(options.signal);
  const storage = options.storage ?? defaultStorage();
  const isV2 = (await storage.stat(indexFilename(prefix))) !== undefined;
  const report = await (isV2 ? verifyBundle : verifySlices)(prefix, options);
  return { prefix, good: report.problems.length === 0, ...report };
}
