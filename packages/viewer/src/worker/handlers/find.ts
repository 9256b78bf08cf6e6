import { resolveCheckpoint } from "@tfsaver/checkpoint-state";
import type { Handlers } from "../../rpc/index.js";
import type { OpenFiles } from "../open-files.js";

/** A checkpoint that a source holds. */
export interface FoundCheckpoint {
  /** The prefix, for `open`; for a sharded V1 checkpoint a pattern. */
  readonly path: string;
}

export interface FindContract {
  /** Finds the checkpoints of a source. `path` is what the person chose: a prefix, a file, a folder or a state file. */
  find(request: { readonly source: number; readonly path: string }): readonly FoundCheckpoint[];
}

export function findHandlers(files: OpenFiles): Handlers<FindContract> {
  return {
    find: async ({ source, path }) => [
      { path: await resolveCheckpoint(path, { storage: files.storage(source), onWarning: () => undefined }) },
    ],
  };
}
