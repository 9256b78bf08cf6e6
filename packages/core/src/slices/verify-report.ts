import { type CheckpointError, isCheckpointError } from "../errors.js";
import { type OperationOptions, throwIfAborted } from "../progress.js";

/** A fault in one file of a checkpoint. */
export interface FileProblem {
  readonly path: string;
  /** Byte offset of the fault in the file, if it has one. */
  readonly offset?: number | undefined;
  /** Size of the file in bytes; `undefined` if it is missing or its size does not matter. */
  readonly size?: number | undefined;
  /** Size in bytes that the file must have at least, if it is known. */
  readonly expectedSize?: number | undefined;
  /** Names of the tensors that can't be read because of the fault, if they are known. */
  readonly tensors?: readonly string[] | undefined;
  /** The fault in words. */
  readonly message: string;
  /** The page that explains the fault, if there is one. */
  readonly more?: string | undefined;
}

/** The result of reading all of a checkpoint. */
export interface VerifyReport {
  /** Number of tensors without a fault. */
  readonly tensors: number;
  /** Bytes of these tensors. */
  readonly bytes: number;
  /** Empty if the checkpoint is good. */
  readonly problems: readonly FileProblem[];
}

/** Kinds of error that a damaged checkpoint can cause. */
const FAULTS = [
  "DataLossError",
  "InternalError",
  "InvalidArgumentError",
  "NotFoundError",
  "UnimplementedError",
] as const;

/**
 * Turns an error into a line of a report. Rethrows an error that the files did not cause, such as one of the storage or a
 * cancellation.
 *
 * @param path - the file, if the error does not name one
 */
export function problemOf(error: unknown, path: string): FileProblem {
  if (!isCheckpointError(error, ...FAULTS)) throw error;
  const { offset, tensor, message }: CheckpointError = error;
  return {
    path: error.path ?? path,
    ...(offset === undefined ? {} : { offset }),
    ...(tensor === undefined ? {} : { tensors: [tensor] }),
    message,
  };
}

/** How the tensors of one format are verified. */
interface Verification<T> {
  /** Returns the size of a tensor in bytes, for the progress. */
  readonly sizeOf: (entry: T) => number;
  /** Reads a tensor, reports bytes on the way if it is large, and returns the number of bytes read. */
  readonly verify: (entry: T, onBytes: (bytes: number) => void) => Promise<number>;
  /** Returns the file of a tensor, for errors that name none. */
  readonly pathOf: (entry: T) => string;
}

/**
 * Verifies one tensor after another. A damaged one is reported, and the next is tried.
 *
 * @param problems - faults found before; they come first in the report
 */
export async function verifyEach<T extends { readonly name: string }>(
  entries: readonly T[],
  { sizeOf, verify, pathOf }: Verification<T>,
  problems: readonly FileProblem[],
  options: OperationOptions,
): Promise<VerifyReport> {
  const found = [...problems];
  const total = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  let done = 0;
  let tensors = 0;
  let bytes = 0;
  for (const entry of entries) {
    throwIfAborted(options.signal);
    const end = done + sizeOf(entry);
    const onBytes = (read: number) => {
      done += read;
      if (done < end) options.onProgress?.({ done, total, tensor: entry.name });
    };
    try {
      bytes += await verify(entry, onBytes);
      tensors++;
    } catch (error) {
      found.push({ ...problemOf(error, pathOf(entry)), tensors: [entry.name] });
    }
    done = end;
    options.onProgress?.({ done, total, tensor: entry.name });
  }
  return { tensors, bytes, problems: found };
}
