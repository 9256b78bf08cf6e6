import type { WarningListener } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import type { ExitCode } from "./errors.js";
import type { Output } from "./io.js";

/** What a command works with. */
export interface Context {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly storage: Storage | undefined;
  readonly onWarning: WarningListener;
  /** How the command ends unless it throws. */
  exitCode: ExitCode;
}
