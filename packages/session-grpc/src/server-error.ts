import {
  AbortedError,
  AlreadyExistsError,
  CancelledError,
  type CheckpointError,
  DataLossError,
  DeadlineExceededError,
  type ErrorContext,
  FailedPreconditionError,
  InternalError,
  InvalidArgumentError,
  NotFoundError,
  OutOfRangeError,
  PermissionDeniedError,
  ResourceExhaustedError,
  UnavailableError,
  UnimplementedError,
  UnknownError,
} from "@tfsaver/core";
import { error_Code } from "@tfsaver/proto/master";

type ErrorClass = new (message: string, context: ErrorContext) => CheckpointError;

/** TensorFlow's error codes are gRPC's. */
const CLASSES: ReadonlyMap<number, ErrorClass> = new Map<number, ErrorClass>([
  [error_Code.CANCELLED, CancelledError],
  [error_Code.UNKNOWN, UnknownError],
  [error_Code.INVALID_ARGUMENT, InvalidArgumentError],
  [error_Code.DEADLINE_EXCEEDED, DeadlineExceededError],
  [error_Code.NOT_FOUND, NotFoundError],
  [error_Code.ALREADY_EXISTS, AlreadyExistsError],
  [error_Code.PERMISSION_DENIED, PermissionDeniedError],
  [error_Code.UNAUTHENTICATED, PermissionDeniedError],
  [error_Code.RESOURCE_EXHAUSTED, ResourceExhaustedError],
  [error_Code.FAILED_PRECONDITION, FailedPreconditionError],
  [error_Code.ABORTED, AbortedError],
  [error_Code.OUT_OF_RANGE, OutOfRangeError],
  [error_Code.UNIMPLEMENTED, UnimplementedError],
  [error_Code.INTERNAL, InternalError],
  [error_Code.UNAVAILABLE, UnavailableError],
  [error_Code.DATA_LOSS, DataLossError],
]);

/** Makes the error of a status: the server's own text, with the server at its end. */
export function errorOfStatus(code: number, text: string, target: string, context: ErrorContext = {}): CheckpointError {
  const Kind = CLASSES.get(code) ?? UnknownError;
  return new Kind(`${text}\n\t [[server ${target}]]`, context);
}

/** Returns the operation that a server's text names as the failed one, or `undefined`. */
export function opNamedIn(text: string): string | undefined {
  return /\[\[\{\{node ([^\s}]+)\}\}/.exec(text)?.[1];
}
