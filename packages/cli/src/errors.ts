import { isCheckpointError } from "@tfsaver/core";

/** Exit codes of the command. */
export const ExitCode = {
  good: 0,
  /** The checkpoint is damaged or cannot be read. */
  bad: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The checkpoint or the tensor does not exist. */
  notFound: 3,
  /** Ctrl-C ended the command. */
  interrupted: 130,
  /** SIGTERM ended the command. */
  terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The command was called in a wrong way. */
export class UsageError extends Error {}

/** The checkpoint or tensor that was named does not exist. */
export class NotThereError extends Error {}

/** Returns the exit code for an error. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return ExitCode.usage;
  return error instanceof NotThereError ? ExitCode.notFound : ExitCode.bad;
}

/** Runs a search for a checkpoint or tensor, and turns its `NotFoundError` into a {@link NotThereError}. */
export async function finding<T>(find: () => Promise<T>): Promise<T> {
  try {
    return await find();
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError")) throw new NotThereError(error.message, { cause: error });
    throw error;
  }
}

/** Returns the page that explains an error, or the one behind it; `undefined` for wrong usage, which explains itself. */
export function explanationOf(error: unknown): string | undefined {
  if (error instanceof UsageError || !(error instanceof Error)) return undefined;
  return isCheckpointError(error) ? error.more : explanationOf(error.cause);
}

/** Formats an error as one line. */
export function messageOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message || error.name : String(error));
}

/** Most characters of a message. Names from files may have any length. */
const MAX_MESSAGE = 2000;

/** Puts text on one line, and truncates it if it is very long. */
export function oneLine(text: string): string {
  const line = text.trim().replace(/\s*\n\s*/g, " ");
  return line.length <= MAX_MESSAGE ? line : `${line.slice(0, MAX_MESSAGE)} … (the message is truncated)`;
}
