import { isCausedByFiles } from "@tfsaver/checkpoint-reader";
import { InvalidArgumentError, isCheckpointError, type WarningListener } from "@tfsaver/core";
import { type ExplainOptions, otherCheckpoints } from "@tfsaver/kept-checkpoints";
import { listNames } from "./list-names.js";
import type { RestoreReport } from "./match-checkpoint.js";

/** A checkpoint that was not restored. */
export interface PassedOverCheckpoint {
  readonly path: string;
  /** Why it was not restored. */
  readonly reason: string;
}

/** Report of a restore with `fallBack`. */
export interface FallBackReport extends RestoreReport {
  /** The checkpoint that was restored. */
  readonly checkpoint: string;
  /** Checkpoints that could not be restored: the wanted one first, then newer ones than the restored one. Usually none. */
  readonly passedOver: readonly PassedOverCheckpoint[];
}

/** Options of {@link fallBack}. */
export interface FallBackOptions extends ExplainOptions {
  readonly storage: NonNullable<ExplainOptions["storage"]>;
  readonly onWarning: WarningListener;
  /** Restores a checkpoint, or throws without a change to the variables. */
  readonly restore: (path: string, isWanted: boolean) => Promise<RestoreReport>;
}

/**
 * Restores a checkpoint. If its files are missing or damaged, restores the newest other one of its folder that fits, with a
 * warning.
 *
 * @throws the error of the wanted checkpoint, if its files are not the cause, or if no other checkpoint fits.
 */
export async function fallBack(wanted: string, options: FallBackOptions): Promise<FallBackReport> {
  const { storage, restore, onWarning } = options;
  try {
    return { checkpoint: wanted, passedOver: [], ...(await restore(wanted, true)) };
  } catch (error) {
    if (!(await isCausedByFiles(error, wanted, options))) throw error;
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

/** @throws `InvalidArgumentError` if a checkpoint belongs to another model. */
export function requireFitting(report: RestoreReport, match: "exact" | "intersect", path: string): void {
  const { restored, missing, mismatched } = report;
  if (match === "intersect" ? restored.length > 0 : missing.length + mismatched.length === 0) return;
  const names = listNames([...missing, ...mismatched.map(({ name }) => name)]);
  throw new InvalidArgumentError(
    `It belongs to another model: it lacks these variables, or has them in another form: ${names}`,
    { path },
  );
}

/** True if a checkpoint is damaged, or belongs to another model. */
async function isUseless(error: unknown, path: string, options: ExplainOptions): Promise<boolean> {
  return isCheckpointError(error, "NotFoundError", "InvalidArgumentError") || isCausedByFiles(error, path, options);
}

function warning(checkpoint: string, passedOver: readonly PassedOverCheckpoint[]): string {
  const reasons = passedOver.map(({ path, reason }) => `${path}: ${reason}`);
  return (
    `RESTORED ANOTHER CHECKPOINT: not ${passedOver[0]?.path} but ${checkpoint}, the newest one of the folder that can be ` +
    `restored. The training after it is lost. Passed over:\n${reasons.join("\n")}`
  );
}
