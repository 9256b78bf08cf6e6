import { InvalidArgumentError, isCheckpointError, type WarningListener } from "@tfsaver/core";
import { type ExplainOptions, isOfFiles, otherCheckpoints } from "./explain-checkpoint.js";
import type { RestoreReport } from "./intersection.js";

/** A checkpoint that was not restored. */
export interface PassedOverCheckpoint {
  readonly path: string;
  /** Why not, in words. */
  readonly reason: string;
}

/** What was restored when another checkpoint than the one that was asked for would do. */
export interface FallBackReport extends RestoreReport {
  /** The checkpoint that was restored. */
  readonly checkpoint: string;
  /** Those that could not be: first the one that was asked for, then newer ones than what was restored. Usually none. */
  readonly passedOver: readonly PassedOverCheckpoint[];
}

/** Does the work of a {@link fallBack}. */
export interface FallBackOptions extends ExplainOptions {
  readonly storage: NonNullable<ExplainOptions["storage"]>;
  readonly onWarning: WarningListener;
  /** Restores a checkpoint, or throws and leaves the variables as they are. */
  readonly restore: (path: string, isWanted: boolean) => Promise<RestoreReport>;
}

/**
 * Restores a checkpoint, or if its files are missing or damaged the newest other one of its folder that can be restored,
 * with a warning.
 *
 * @throws what restoring the wanted one throws, if that is not about its files, or if there is no other.
 */
export async function fallBack(wanted: string, options: FallBackOptions): Promise<FallBackReport> {
  const { storage, restore, onWarning } = options;
  try {
    return { checkpoint: wanted, passedOver: [], ...(await restore(wanted, true)) };
  } catch (error) {
    if (!(await isOfFiles(error, wanted, options))) throw error;
    const passedOver = [{ path: wanted, reason: (error as Error).message }];
    for (const checkpoint of await otherCheckpoints(wanted, storage).catch(() => [])) {
      try {
        const report = await restore(checkpoint, false);
        onWarning(warning(checkpoint, passedOver));
        return { checkpoint, passedOver, ...report };
      } catch (other) {
        if (!(await isUseless(other, checkpoint, options))) throw other;
        passedOver.push({ path: checkpoint, reason: (other as Error).message });
      }
    }
    throw error;
  }
}

/** @throws `InvalidArgumentError` if a checkpoint is not worth to be restored, which is seen before anything is changed. */
export function requireFitting(report: RestoreReport, match: "exact" | "intersect", path: string): void {
  const { restored, missing, mismatched } = report;
  if (match === "intersect" ? restored.length > 0 : missing.length + mismatched.length === 0) return;
  const names = [...missing, ...mismatched.map(({ name }) => name)].join(", ");
  throw new InvalidArgumentError(`It is of another model: it does not have, or not in this form, ${names}`, { path });
}

/** Whether another checkpoint can't be restored because of what it is, be it damaged or that of another model. */
async function isUseless(error: unknown, path: string, options: ExplainOptions): Promise<boolean> {
  return isCheckpointError(error, "NotFoundError", "InvalidArgumentError") || isOfFiles(error, path, options);
}

function warning(checkpoint: string, passedOver: readonly PassedOverCheckpoint[]): string {
  const reasons = passedOver.map(({ path, reason }) => `${path}: ${reason}`);
  return (
    `RESTORED ANOTHER CHECKPOINT: not ${passedOver[0]?.path} but ${checkpoint}, the newest one of the folder that can be ` +
    `restored. What was learnt after it is lost. Passed over:\n${reasons.join("\n")}`
  );
}
