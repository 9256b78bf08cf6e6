import { diagnoseCheckpoint, type FileProblem } from "@tfsaver/checkpoint-reader";
import { type CheckpointReport, verifyCheckpoint } from "@tfsaver/checkpoint-tools";
import type { Handlers } from "../../rpc/index.js";
import type { OpenFiles } from "../open-files.js";

export interface VerifyContract {
  /** Reads and verifies all of a checkpoint. Reports progress. */
  verify(request: { readonly source: number; readonly path: string }): CheckpointReport;
  /** Says what is wrong with a checkpoint, reading little. */
  diagnose(request: { readonly source: number; readonly path: string }): readonly FileProblem[];
}

export function verifyHandlers(files: OpenFiles): Handlers<VerifyContract> {
  return {
    verify: ({ source, path }, options) => verifyCheckpoint(path, { ...options, storage: files.storage(source) }),
    diagnose: ({ source, path }, { signal }) => diagnoseCheckpoint(path, { signal, storage: files.storage(source) }),
  };
}
