import { FailedPreconditionError } from "../errors.js";

/** Returns the error for a call of a reader that was closed. */
export function closedReaderError(prefix: string): FailedPreconditionError {
  return new FailedPreconditionError(`${prefix}: this reader is closed. Open the checkpoint again`, { path: prefix });
}
