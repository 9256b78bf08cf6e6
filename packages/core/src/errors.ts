/**
 * The kinds of {@link CheckpointError}. The first three are named as the built-in Python exceptions that TensorFlow raises,
 * the others as the classes of `tf.errors`, one for each status code.
 */
export type ErrorKind =
  | "AssertionError"
  | "RuntimeError"
  | "ValueError"
  | "AbortedError"
  | "AlreadyExistsError"
  | "CancelledError"
  | "DataLossError"
  | "DeadlineExceededError"
  | "FailedPreconditionError"
  | "InternalError"
  | "InvalidArgumentError"
  | "NotFoundError"
  | "OutOfRangeError"
  | "PermissionDeniedError"
  | "ResourceExhaustedError"
  | "UnavailableError"
  | "UnimplementedError"
  | "UnknownError";

/** Facts about an error, as far as they are known where it is thrown. */
export interface ErrorContext {
  /** The file that was read or written. */
  readonly path?: string | undefined;
  /** Byte offset in that file. */
  readonly offset?: number | undefined;
  /** The tensor's name in the checkpoint. */
  readonly tensor?: string | undefined;
  /** The graph operation that failed. */
  readonly op?: string | undefined;
  /** The page that explains the error. Default: that of its kind. */
  readonly more?: string | undefined;
  /** The underlying error. */
  readonly cause?: unknown;
}

/**
 * Returns the address of the page that explains errors.
 *
 * @param anchor - a kind of error in lower case, or what is wrong with a file
 */
export function explanationPage(anchor: string): string {
  return `https://tfsaver.github.io/tfsaver/errors#${anchor}`;
}

/**
 * Base class of every error that this library throws, apart from JavaScript's own `TypeError`, which it throws where Python
 * raises `TypeError`. Test for a kind with {@link isCheckpointError}, which works even if two copies of this package are
 * loaded.
 */
export abstract class CheckpointError extends Error {
  declare readonly path?: string;
  declare readonly offset?: number;
  declare readonly tensor?: string;
  declare readonly op?: string;
  /**
   * The page that explains the error: its causes, and what to do. JavaScript's engines print it behind the message, which
   * others quote, and which is TensorFlow's where TensorFlow has one.
   */
  declare readonly more: string;

  constructor(message: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    if (context.path !== undefined) this.path = context.path;
    if (context.offset !== undefined) this.offset = context.offset;
    if (context.tensor !== undefined) this.tensor = context.tensor;
    if (context.op !== undefined) this.op = context.op;
    this.more = context.more ?? explanationPage(this.name).toLowerCase();
  }

  abstract get kind(): ErrorKind;

  override get name(): string {
    return this.kind;
  }
}

/** An argument has the right type but an invalid value (Python's `ValueError`). */
export class ValueError extends CheckpointError {
  override get kind(): "ValueError" {
    return "ValueError";
  }
}

/** A call is not possible in the present state (Python's `RuntimeError`). */
export class RuntimeError extends CheckpointError {
  override get kind(): "RuntimeError" {
    return "RuntimeError";
  }
}

/** A documented requirement on an argument was broken (Python's `AssertionError`). */
export class AssertionError extends CheckpointError {
  override get kind(): "AssertionError" {
    return "AssertionError";
  }
}

/** `tf.errors.AbortedError` (status 10). */
export class AbortedError extends CheckpointError {
  override get kind(): "AbortedError" {
    return "AbortedError";
  }
}

/** `tf.errors.AlreadyExistsError` (status 6). */
export class AlreadyExistsError extends CheckpointError {
  override get kind(): "AlreadyExistsError" {
    return "AlreadyExistsError";
  }
}

/** The operation was cancelled through its `AbortSignal` (`tf.errors.CancelledError`, status 1). */
export class CancelledError extends CheckpointError {
  override get kind(): "CancelledError" {
    return "CancelledError";
  }
}

/** Bytes of a checkpoint are damaged (`tf.errors.DataLossError`, status 15). */
export class DataLossError extends CheckpointError {
  override get kind(): "DataLossError" {
    return "DataLossError";
  }
}

/** `tf.errors.DeadlineExceededError` (status 4). */
export class DeadlineExceededError extends CheckpointError {
  override get kind(): "DeadlineExceededError" {
    return "DeadlineExceededError";
  }
}

/** The system is not in the state that the operation needs, such as an uninitialized variable (status 9). */
export class FailedPreconditionError extends CheckpointError {
  override get kind(): "FailedPreconditionError" {
    return "FailedPreconditionError";
  }
}

/** An invariant of this library, of a server or of a checkpoint is broken (`tf.errors.InternalError`, status 13). */
export class InternalError extends CheckpointError {
  override get kind(): "InternalError" {
    return "InternalError";
  }
}

/** `tf.errors.InvalidArgumentError` (status 3). */
export class InvalidArgumentError extends CheckpointError {
  override get kind(): "InvalidArgumentError" {
    return "InvalidArgumentError";
  }
}

/** A file, key, operation or variable does not exist (`tf.errors.NotFoundError`, status 5). */
export class NotFoundError extends CheckpointError {
  override get kind(): "NotFoundError" {
    return "NotFoundError";
  }
}

/** A read went past the end of a file (`tf.errors.OutOfRangeError`, status 11). */
export class OutOfRangeError extends CheckpointError {
  override get kind(): "OutOfRangeError" {
    return "OutOfRangeError";
  }
}

/** `tf.errors.PermissionDeniedError` (status 7). */
export class PermissionDeniedError extends CheckpointError {
  override get kind(): "PermissionDeniedError" {
    return "PermissionDeniedError";
  }
}

/** Disk space, memory or file handles are exhausted (`tf.errors.ResourceExhaustedError`, status 8). */
export class ResourceExhaustedError extends CheckpointError {
  override get kind(): "ResourceExhaustedError" {
    return "ResourceExhaustedError";
  }
}

/** `tf.errors.UnavailableError` (status 14). */
export class UnavailableError extends CheckpointError {
  override get kind(): "UnavailableError" {
    return "UnavailableError";
  }
}

/** The operation or dtype is not supported (`tf.errors.UnimplementedError`, status 12). */
export class UnimplementedError extends CheckpointError {
  override get kind(): "UnimplementedError" {
    return "UnimplementedError";
  }
}

/** A failure that no other kind fits (`tf.errors.UnknownError`, status 2). */
export class UnknownError extends CheckpointError {
  override get kind(): "UnknownError" {
    return "UnknownError";
  }
}

const KINDS: ReadonlySet<string> = new Set<ErrorKind>([
  "AssertionError",
  "RuntimeError",
  "ValueError",
  "AbortedError",
  "AlreadyExistsError",
  "CancelledError",
  "DataLossError",
  "DeadlineExceededError",
  "FailedPreconditionError",
  "InternalError",
  "InvalidArgumentError",
  "NotFoundError",
  "OutOfRangeError",
  "PermissionDeniedError",
  "ResourceExhaustedError",
  "UnavailableError",
  "UnimplementedError",
  "UnknownError",
]);

/**
 * True if `error` is a {@link CheckpointError}, and of one of `kinds` if any are given.
 *
 * @example
 * ```ts
 * import { isCheckpointError } from "@tfsaver/core";
 *
 * export function describe(error: unknown): string {
 *   if (isCheckpointError(error, "DataLossError", "NotFoundError")) return `${error.path}: ${error.message}`;
 *   throw error;
 * }
 * ```
 */
export function isCheckpointError<K extends ErrorKind = ErrorKind>(
  error: unknown,
  ...kinds: readonly K[]
): error is CheckpointError & { readonly kind: K } {
  if (!(error instanceof Error)) return false;
  const kind = (error as Partial<CheckpointError>).kind;
  if (kind === undefined || !KINDS.has(kind)) return false;
  return kinds.length === 0 || (kinds as readonly string[]).includes(kind);
}
