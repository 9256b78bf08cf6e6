import { type CheckpointError, DataLossError } from "@tfsaver/core";
import { type FileProblem, problemOf } from "@tfsaver/core/slices";
import { checkSlices, verifySlices } from "@tfsaver/saved-tensor-slices";
import type { Storage } from "@tfsaver/storage";
import { checkBundle, verifyBundle } from "@tfsaver/tensor-bundle";
import { BriefReads } from "./brief-reads.js";

/**
 * How much of a new checkpoint is read back. `index`: the index, and the lengths of the data files; for V1, the footer, the
 * index block and the list of tensors of each shard. `all`: every byte, and every checksum.
 */
export type CheckDepth = "index" | "all";

/** Options of {@link checkWritten}. */
export interface CheckWrittenOptions {
  /** Format: 1 or 2. */
  readonly version: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a new checkpoint back, before anything relies on it.
 *
 * @param prefix - prefix, or the pattern of the shards of a V1 checkpoint
 * @throws `DataLossError` if it can't be read back; the storage's errors.
 */
export async function checkWritten(
  prefix: string,
  depth: CheckDepth,
  storage: Storage,
  { version, signal }: CheckWrittenOptions,
): Promise<void> {
  const options = { storage: depth === "index" ? new BriefReads(storage) : storage, signal };
  const isV1 = version === 1;
  const problem = await (depth === "all"
    ? (isV1 ? verifySlices : verifyBundle)(prefix, options).then(({ problems }) => problems[0])
    : (isV1 ? checkSlices : checkBundle)(prefix, options).then(() => undefined)
  ).catch((error: CheckpointError) => problemOf(error, prefix));
  if (problem !== undefined) throw unreadable(prefix, problem);
}

function unreadable(prefix: string, { path, offset, message, tensors }: FileProblem): DataLossError {
  return new DataLossError(
    `${prefix} was saved, but can't be read back: ${message}. The state file was not written, and no older checkpoint was ` +
      "removed. Save again; if it happens again, check the disk, and the session that writes.",
    { path, offset, tensor: tensors?.[0] },
  );
}
