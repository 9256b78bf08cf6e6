import type { WarningListener } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";

/** Name of the state file where none is given. */
export const DEFAULT_STATE_FILENAME = "checkpoint";

/** What every function of this package accepts. */
export interface StorageOptions {
  /** Where the files are. Default: the local file system under Node.js; elsewhere a storage must be given. */
  readonly storage?: Storage | undefined;
  /** Told what TensorFlow logs as a warning or an error without raising one. Default: `console.warn`. */
  readonly onWarning?: WarningListener | undefined;
}

/** Which state file of a directory is meant. */
export interface StateFileOptions extends StorageOptions {
  /** Name of the state file, put into the directory as a path is. Default: `checkpoint`. */
  readonly latestFilename?: string | undefined;
  /**
   * After a folder was moved or copied, find the checkpoints that its state file names by their old absolute paths: one
   * that is not there any more, but lies in the folder under the same name, is taken from there, with a warning. Default:
   * false.
   */
  readonly findMoved?: boolean | undefined;
}

/** The listener that is used where none is given. */
export function warnOnConsole(message: string): void {
  // biome-ignore lint/suspicious/noConsole: a warning that nobody listens to must not be lost
  console.warn(message);
}
