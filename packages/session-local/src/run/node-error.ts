import { type CheckpointError, type ErrorContext, isCheckpointError, UnknownError } from "@tfsaver/core";

type ErrorClass = new (message: string, context: ErrorContext) => CheckpointError;

/**
 * Makes the error of a failed operation: of the same kind as `cause`, with the operation in `op` and, as in TensorFlow, at
 * the end of the message. An error that is not one of this library's becomes an `UnknownError`.
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
