import { CheckpointError, type ErrorKind, isCheckpointError } from "@tfsaver/core";

/** An error as plain data, which keeps its kind and what it is about. */
export interface WireError {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly path: string | undefined;
  readonly offset: number | undefined;
  readonly tensor: string | undefined;
}

/** An error that was thrown on the other side. `isCheckpointError` tells its kind. */
class RemoteError extends CheckpointError {
  readonly kind: ErrorKind;

  constructor({ kind, message, ...context }: WireError) {
    super(message, context);
    this.kind = kind;
  }
}

/** Turns an error into plain data. Errors of other libraries become an `UnknownError`. */
export function errorToWire(error: unknown): WireError {
  const message = error instanceof Error ? error.message || error.name : String(error);
  if (!isCheckpointError(error)) {
    return { kind: "UnknownError", message, path: undefined, offset: undefined, tensor: undefined };
  }
  return { kind: error.kind, message, path: error.path, offset: error.offset, tensor: error.tensor };
}

/** Turns plain data into an error again. */
export function errorFromWire(error: WireError): CheckpointError {
  return new RemoteError(error);
}
