import { ValueError } from "@tfsaver/core";
import type { SaveAsyncOptions } from "../options/saver-options.js";

/** What a save does while others are under way. */
export interface BusyRule {
  readonly maxPending: number;
  readonly whenBusy: "wait" | "skip";
}

/** @throws `ValueError` for impossible values. */
export function busyRule({ maxPending = 1, whenBusy = "wait" }: SaveAsyncOptions): BusyRule {
  if (!Number.isSafeInteger(maxPending) || maxPending < 1)
    throw new ValueError(`maxPending must be a whole number from 1 on, not ${String(maxPending)}`);
  if (whenBusy !== "wait" && whenBusy !== "skip")
    throw new ValueError(`whenBusy must be "wait" or "skip", not ${String(whenBusy)}`);
  return { maxPending, whenBusy };
}
