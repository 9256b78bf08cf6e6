import { CheckpointError, type ErrorContext, type ErrorKind } from "@tfsaver/core";

/** Returns an error of a kind that is only known at run time. `isCheckpointError` tells the kind. */
export function errorOfKind(kind: ErrorKind, message: string, context: ErrorContext): CheckpointError {
  class ErrorOfKind extends CheckpointError {
    override get kind(): ErrorKind {
      return kind;
    }
  }
  return new ErrorOfKind(message, context);
}
