import {
  type CheckpointError,
  type ErrorContext,
  InvalidArgumentError,
  isCheckpointError,
  NotFoundError,
  UnimplementedError,
} from "@tfsaver/core";
import type { Operation } from "@tfsaver/graph";
import type { RestoreTarget } from "../access/restore-targets.js";

const PREAMBLE = (cause: string) =>
  `Restoring from checkpoint failed. This is most likely due to ${cause} from the checkpoint. Please ensure that you ` +
  "have not altered the graph expected based on the checkpoint. Original error:\n\n";

/** Returns the error of an operation that the session can't run, with what it restores and the way out. */
export function explainUnsupported(
  error: CheckpointError,
  unsupported: ReadonlyMap<RestoreTarget, Operation>,
): CheckpointError {
  const lines = [...unsupported].map(([{ tensors }, { name, type }]) => {
    const keys = tensors.map((tensor) => `'${tensor.name}'`).join(", ");
    return `${keys} can't be restored in this session, which has no kernel for ${type} (operation '${name}').`;
  });
  if (lines.length === 0) return error;
  return new UnimplementedError(
    `${lines.join("\n")}\nRestore everything else with match: "intersect", or make a saver of the variables alone: ` +
      'new Saver({ varList: graph.collection("variables") }). `registerKernel` adds a kernel to a LocalSession.',
    { op: error.op, cause: error },
  );
}

/**
 * Returns the error of a restore operation with the likely reason before it, and the checkpoint and tensor behind it.
 *
 * @param missing - explains which names the checkpoint lacks
 */
export function explainRestoreError(error: unknown, savePath: string, missing?: string): unknown {
  if (isCheckpointError(error, "NotFoundError")) {
    const reason = "a Variable name or other graph key that is missing";
    const [message, context] = explained(error, reason, savePath);
    return new NotFoundError(missing === undefined ? message : `${message}\n\n${missing}`, context);
  }
  if (isCheckpointError(error, "InvalidArgumentError")) {
    return new InvalidArgumentError(
      ...explained(error, "a mismatch between the current graph and the graph", savePath),
    );
  }
  return error;
}

function explained(cause: CheckpointError, reason: string, savePath: string): [string, ErrorContext] {
  const { path = savePath, tensor, op, message } = cause;
  const about = tensor === undefined ? "" : `, tensor or variable: ${tensor}`;
  return [`${PREAMBLE(reason)}${message}\n\nCheckpoint: ${savePath}${about}`, { path, tensor, op, cause }];
}
