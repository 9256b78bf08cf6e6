import { type CheckpointError, type ErrorContext, isCheckpointError, UnknownError } from "@tfsaver/core";

type ErrorClass = new (message: string, context: ErrorContext) => CheckpointError;

/**
 * The error of an operation that failed: of the same kind, naming the operation at the end of its message as TensorFlow
 * does, and in `op`. What is none of this library's errors becomes an `UnknownError`.
 */
export function errorOfNode(cause: unknown, opName: string): CheckpointError {
  const op = (isCheckpointError(cause) && cause.op) || opName;
  const suffix = `\n\t [[{{node ${op}}}]]`;
  if (isCheckpointError(cause)) {
    const { path, offset, tensor } = cause;
    const context: ErrorContext = {
      ...(path !== undefined && { path }),
      ...(offset !== undefined && { offset }),
      ...(tensor !== undefined && { tensor }),
      op,
      cause,
    };
    return new (cause.constructor as ErrorClass)(cause.message + suffix, context);
  }
  const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new UnknownError(message + suffix, { op, cause });
}
