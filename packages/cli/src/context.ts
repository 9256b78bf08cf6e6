import type { WarningListener } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import type { ExitCode } from "./errors.js";
import type { Output } from "./output/output.js";

/** The environment of a command: streams, storage, and its exit code. */
export interface Context {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Also reads from web servers, whose files have URLs. */
  readonly storage: Storage;
  /** Stops the command. */
  readonly signal: AbortSignal;
  readonly onWarning: WarningListener;
  /** The checkpoint that the command works on, once it is known. Errors are explained for it. */
  subject: string | undefined;
  /**
   * Prints the probable cause of an error in the files of a checkpoint, and names an intact checkpoint.
   *
   * @param said - messages that were printed already; their sentences are not repeated
   * @returns the page that explains the cause; undefined if none was found
   */
  readonly explain: (prefix: string, isDamaged: boolean, said: readonly string[]) => Promise<string | undefined>;
  /** Prints the last line of an error: the page that explains it, if there is one. */
  readonly sayMore: (page: string | undefined) => Promise<void>;
  /** Exit code of the command, unless it throws. */
  exitCode: ExitCode;
}
