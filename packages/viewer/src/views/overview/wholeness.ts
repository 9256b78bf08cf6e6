import type { App } from "../../app/app.js";
import type { Source } from "../../app/source.js";

/** What is known of the files of a checkpoint: by their lengths, or by every checksum. */
export type Wholeness = "running" | "unreadable" | "damaged" | "whole";

/** Returns what is known of a checkpoint so far; undefined if nobody asked. */
export function wholenessOf({ diagnoses, verifications }: App, source: Source, path: string): Wholeness | undefined {
  if (verifications.of(source, path)?.report?.good === false) return "damaged";
  const diagnosis = diagnoses.of(source, path);
  if (diagnosis === undefined || diagnosis.status === "running") return diagnosis?.status;
  if (diagnosis.status === "failed") return "unreadable";
  return diagnosis.problems.length === 0 ? "whole" : "damaged";
}
