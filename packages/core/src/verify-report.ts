import { type CheckpointError, isCheckpointError } from "./errors.js";

/** Something wrong in a checkpoint's files. */
export interface FileProblem {
  readonly path: string;
  /** Byte offset in that file, where the fault has one. */
  readonly offset?: number;
  /** The tensor that can't be read because of it, where it is one. */
  readonly tensor?: string;
  readonly message: string;
}

/** What was found by reading all of a checkpoint. */
export interface VerifyReport {
  /** Tensors that were read and are whole. */
  readonly tensors: number;
  /** Bytes of them that were read. */
  readonly bytes: number;
  /** Empty if the checkpoint is good. */
  readonly problems: readonly FileProblem[];
}

/** Kinds of error that a checkpoint's own files can be the cause of. */
const FAULTS = [
  "DataLossError",
  "InternalError",
  "InvalidArgumentError",
  "NotFoundError",
  "UnimplementedError",
] as const;

/**
 * An error as a line of a report. One that is not the files' fault (of the storage, a cancelled operation) is thrown on.
 *
 * @param path - the file, if the error does not name one
 */
export function problemOf(error: unknown, path: string): FileProblem {
  if (!isCheckpointError(error, ...FAULTS)) throw error;
  const { offset, tensor, message }: CheckpointError = error;
  return {
    path: error.path ?? path,
    ...(offset === undefined ? {} : { offset }),
    ...(tensor === undefined ? {} : { tensor }),
    message,
  };
}
