import type { WarningListener } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import type { ExitCode } from "./errors.js";
import type { Output } from "./output/output.js";

/** What a command works with. */
export interface Context {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly storage: Storage | undefined;
  readonly onWarning: WarningListener;
  /** The checkpoint that is worked with, as far as it is known: what an error is likely about. */
  subject: string | undefined;
  /** Says on standard error what is likely wrong with a checkpoint's files, and which other one is whole. */
  readonly explain: (prefix: string, isDamaged: boolean) => Promise<void>;
  /** How the command ends unless it throws. */
  exitCode: ExitCode;
}
