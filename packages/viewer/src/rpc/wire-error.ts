import { type CheckpointError, type ErrorKind, isCheckpointError } from "@tfsaver/core";
import { errorOfKind } from "./error-of-kind.js";

/** An error as plain data, which keeps its kind and what it is about. */
export interface WireError {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly path: string | undefined;
  readonly offset: number | undefined;
  readonly tensor: string | undefined;
}

/** Turns an error into plain data. Errors of other libraries become an `UnknownError`. */
export function errorToWire(error: unknown): WireError {
  const message = error instanceof Error ? error.message || error.name : String(error);
  if (!isCheckpointError(error)) {
    return { kind: "UnknownError", message, path: undefined, offset: undefined, tensor: undefined };
  }
  return { kind: error.kind, message, path: error.path, offset: error.offset, tensor: error.tensor };
}

/** Turns plain data into an error again. `isCheckpointError` tells its kind. */
export function errorFromWire({ kind, message, ...context }: WireError): CheckpointError {
  return errorOfKind(kind, message, context);
}
