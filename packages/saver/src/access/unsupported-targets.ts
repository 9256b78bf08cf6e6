import type { Operation, Session } from "@tfsaver/graph";
import type { GraphTarget } from "./restore-targets.js";

/** Finds the targets that a session can't restore, each with an operation that it can't run. */
export function unsupportedTargets(session: Session, targets: readonly GraphTarget[]): Map<GraphTarget, Operation> {
  const found = new Map<GraphTarget, Operation>();
  if (session.canRun === undefined) return found;
  const supported = new Set<Operation>();
  for (const target of targets) {
    const seen = new Set([target.op]);
    let missing: Operation | undefined;
    // The loop visits dependencies that are added while it runs.
    for (const op of seen) {
      if (supported.has(op)) continue;
      if (!session.canRun(op)) missing ??= op;
      for (const input of op.inputs) seen.add(input.op);
      for (const before of op.controlInputs) seen.add(before);
    }
    if (missing !== undefined) found.set(target, missing);
    else for (const op of seen) supported.add(op);
  }
  return found;
}
