import { requireKnown, ValueError } from "@tfsaver/core";
import type { Session } from "@tfsaver/graph";
import { type MeasureOptions, measured } from "../checkpoint-metrics.js";
import { RESTORE_OPTIONS, withoutNulls } from "../options/option-names.js";
import type { RestoreOptions } from "../options/saver-options.js";
import { CheckpointRestore, type RestoringParts } from "./checkpoint-restore.js";
import type { FallBackReport } from "./fall-back.js";
import type { RestoreReport } from "./match-checkpoint.js";

/** A saver, as far as a restore needs it. */
export interface RestoringSaver extends RestoringParts {
  /** True if there is nothing to restore. */
  readonly isEmpty: boolean;
  readonly measuring: (path: string) => MeasureOptions;
}

/** The report of a saver that has nothing to restore. */
const NOTHING: RestoreReport = { restored: [], missing: [], mismatched: [], unused: [] };

/** Restores as `Saver.restore` says. */
export async function runRestore(
  session: Session | null,
  savePath: string,
  options: RestoreOptions,
  saver: RestoringSaver,
): Promise<RestoreReport | undefined> {
  requireKnown("Saver.restore", options, RESTORE_OPTIONS);
  const { match = "exact", fallBack: mayFallBack = false, signal, onProgress } = withoutNulls(options);
  if (match !== "exact" && match !== "intersect")
    throw new TypeError(`match must be "exact" or "intersect", not ${match}`);
  const nothing = mayFallBack ? { ...NOTHING, checkpoint: savePath, passedOver: [] } : NOTHING;
  if (saver.isEmpty) return match === "exact" && !mayFallBack ? undefined : nothing;
  if (savePath === undefined || savePath === null) throw new ValueError("Can't load save_path when it is None.");
  if (typeof savePath !== "string") throw new TypeError("Expected a string as savePath");
  const restore = new CheckpointRestore(session, saver, match, { signal, onProgress });
  const run = () => (mayFallBack ? restore.restoreOrFallBack(savePath) : restore.restore(savePath));
  return measured("restore", saver.measuring(savePath), run, (report) =>
    mayFallBack ? (report as FallBackReport).checkpoint : savePath,
  );
}
