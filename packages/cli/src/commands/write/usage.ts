import { type ErrorKind, isCheckpointError } from "@tfsaver/core";
import { dirname } from "@tfsaver/storage";
import { UsageError } from "../../errors.js";

/**
 * Returns the error of a command that writes: one that is due to what was typed is a usage error.
 *
 * @param kinds - kinds of errors that are. Default: `ValueError`
 */
export function asUsage(error: unknown, destination: string, kinds: readonly ErrorKind[] = ["ValueError"]): unknown {
  const isUsage =
    isCheckpointError(error) &&
    (kinds.includes(error.kind) || error.path === destination || error.path === dirname(destination));
  return isUsage ? new UsageError(error.message, { cause: error }) : error;
}
