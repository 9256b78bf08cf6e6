import { explanationPage, type OperationOptions } from "@tfsaver/core";
import type { FileProblem } from "@tfsaver/core/slices";
import type { Storage } from "@tfsaver/storage";
import type { FileKind } from "./identified-file.js";

/** Options of `diagnoseCheckpoint`. */
export interface DiagnoseOptions extends Pick<OperationOptions, "signal"> {
  /** The storage to read from. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** Options with the storage filled in. */
export type DiagnoseContext = DiagnoseOptions & { readonly storage: Storage };

/** Kinds of error that damaged files cause when a checkpoint is opened or read. */
export const FAULTS = ["DataLossError", "InternalError", "InvalidArgumentError", "OutOfRangeError"] as const;

export const COPY_AGAIN = "Copy it again, or use another checkpoint";
export const INCOMPLETE = "The copy may be incomplete, or the disk was full: copy it again, or use another checkpoint";
/** Says that a file has its ends, but not the content that its checksums promise. */
export const CHANGED = `is damaged: some of its bytes were changed after it was written. ${COPY_AGAIN}`;

/** Names what is wrong with a file, as an anchor of the page that explains it. `foreign` is a file of an unknown kind. */
export type Diagnosis =
  | "changed"
  | "folder"
  | "foreign"
  | "missing"
  | "mixed-saves"
  | "truncated"
  | "v1-named-v2"
  | "version";

/** Maximum number of tensor names in a message. */
const MAX_NAMES = 5;

/**
 * Describes a problem of one file.
 *
 * @param what - the rest of a sentence that starts with the path, without the period
 */
export function problem(
  path: string,
  diagnosis: Diagnosis | FileKind,
  what: string,
  about: Omit<FileProblem, "path" | "message" | "more"> = {},
): FileProblem {
  const { tensors = [] } = about;
  const more = tensors.length > MAX_NAMES ? ` and ${tensors.length - MAX_NAMES} more` : "";
  const affected = tensors.length === 0 ? "" : ` Affected tensors: ${tensors.slice(0, MAX_NAMES).join(", ")}${more}.`;
  return { path, ...about, message: `${path} ${what}.${affected}`, more: explanationPage(diagnosis) };
}
