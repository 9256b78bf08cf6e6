import { isCheckpointError } from "@tfsaver/core";
import { dirname } from "@tfsaver/storage";
import { UsageError } from "../../errors.js";

/** Returns the error of a command that writes: one that is due to what was typed is a usage error. */
export function asUsage(error: unknown, destination: string): unknown {
  const isUsage = isCheckpointError(error) && (error.kind === "ValueError" || error.path === dirname(destination));
  return isUsage ? new UsageError(error.message, { cause: error }) : error;
}
