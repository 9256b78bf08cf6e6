import { META_GRAPH_SUFFIX } from "@tfsaver/checkpoint-names";
import { RuntimeError, requireKnown, ValueError } from "@tfsaver/core";
import type { Session } from "@tfsaver/graph";
import { requireMetrics } from "@tfsaver/kept-checkpoints";
import { SAVE_ASYNC_OPTIONS, withoutNulls } from "../options/option-names.js";
import type { SaveAsyncOptions } from "../options/saver-options.js";
import { CheckpointSave, type SavingParts } from "./checkpoint-save.js";
import type { PendingSave, SaveQueue } from "./save-queue.js";

/** A saver, as far as a save needs it. */
export interface SavingSaver extends Omit<SavingParts, "access" | "measuring"> {
  readonly isBuilt: boolean;
  /** @throws `RuntimeError` if the saver could not be built. */
  readonly access: () => SavingParts["access"];
  readonly saves: SaveQueue;
  readonly measuring: (path: string, metaGraphSuffix: string) => SavingParts["measuring"];
}

/** Begins a save as `Saver.saveAsync` says. */
export function beginSave(
  session: Session | null,
  savePath: string,
  given: SaveAsyncOptions,
  saver: SavingSaver,
): PendingSave {
  requireKnown("Saver.saveAsync", given, SAVE_ASYNC_OPTIONS);
  const options = withoutNulls(given);
  const { metaGraphSuffix = META_GRAPH_SUFFIX, metrics, maxPending = 1, whenBusy = "wait" } = options;
  requireMetrics(metrics);
  if (!Number.isSafeInteger(maxPending) || maxPending < 1)
    throw new ValueError(`maxPending must be a whole number from 1 on, not ${String(maxPending)}`);
  if (whenBusy !== "wait" && whenBusy !== "skip")
    throw new ValueError(`whenBusy must be "wait" or "skip", not ${String(whenBusy)}`);
  if (!saver.isBuilt) throw new RuntimeError("`build()` should be called before save if defer_build==True");
  const { saves } = saver;
  saves.requireOpen();
  if (whenBusy === "skip" && saves.size >= maxPending) {
    return { staged: Promise.resolve({ skipped: true }), committed: Promise.resolve(undefined) };
  }
  const parts = { ...saver, access: saver.access(), measuring: saver.measuring(savePath, metaGraphSuffix) };
  return saves.add(new CheckpointSave(session, savePath, options, parts), maxPending);
}
