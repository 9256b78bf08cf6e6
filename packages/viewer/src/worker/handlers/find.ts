import type { Handlers } from "../../rpc/index.js";
import { findCheckpoints } from "../find/find-checkpoints.js";
import type { Found } from "../find/found-checkpoint.js";
import type { OpenFiles } from "../open-files.js";

export interface FindContract {
  /** Finds the checkpoints of a source. `path` is what the person chose: a prefix, a file, a folder or a state file. */
  find(request: { readonly source: number; readonly path: string }): Found;
}

export function findHandlers(files: OpenFiles): Handlers<FindContract> {
  return { find: ({ source, path }, options) => findCheckpoints(path, files.storage(source), options) };
}
