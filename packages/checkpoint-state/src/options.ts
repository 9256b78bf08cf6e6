import type { StorageOptions } from "@tfsaver/checkpoint-files";

/** Options of the functions that read or write a state file. */
export interface StateFileOptions extends StorageOptions {
  /** Name of the state file, joined to the directory as a path is. Default: `checkpoint`. */
  readonly latestFilename?: string | undefined;
  /**
   * Finds checkpoints after their folder was moved or copied: one whose path in the state file is gone, but that lies in
   * the folder of the state file under the same name, is taken from there, with a warning. Default: false.
   */
  readonly findMoved?: boolean | undefined;
}
