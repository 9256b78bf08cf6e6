import { InvalidArgumentError, isCheckpointError, NotFoundError } from "@tfsaver/core";

const PREAMBLE = (cause: string) =>
  `Restoring from checkpoint failed. This is most likely due to ${cause} from the checkpoint. Please ensure that you ` +
  "have not altered the graph expected based on the checkpoint. Original error:\n\n";

/** An error of the restore operations, with the likely reason put before it where there is one. */
export function explainRestoreError(error: unknown): unknown {
  if (isCheckpointError(error, "NotFoundError")) {
    return new NotFoundError(PREAMBLE("a Variable name or other graph key that is missing") + error.message, {
      ...contextOf(error),
      cause: error,
    });
  }
  if (isCheckpointError(error, "InvalidArgumentError")) {
    return new InvalidArgumentError(PREAMBLE("a mismatch between the current graph and the graph") + error.message, {
      ...contextOf(error),
      cause: error,
    });
  }
  return error;
}

function contextOf(error: { readonly path?: string; readonly tensor?: string; readonly op?: string }) {
  const { path, tensor, op } = error;
  return {
    ...(path === undefined ? {} : { path }),
    ...(tensor === undefined ? {} : { tensor }),
    ...(op === undefined ? {} : { op }),
  };
}
