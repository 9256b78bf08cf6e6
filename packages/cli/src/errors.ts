import { isCheckpointError } from "@tfsaver/core";

/** How a command ends. */
export const ExitCode = {
  good: 0,
  /** The checkpoint is bad, or could not be read. */
  bad: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** There is no such checkpoint, or no such tensor in it. */
  notFound: 3,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Something is wrong with how the command was called. */
export class UsageError extends Error {}

/** What was asked for is not there. */
export class NotThereError extends Error {}

/** The exit code that an error stands for. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return ExitCode.usage;
  return error instanceof NotThereError ? ExitCode.notFound : ExitCode.bad;
}

/** Runs what finds a checkpoint or a tensor: here a `NotFoundError` means that the user named what is not there. */
export async function finding<T>(find: () => Promise<T>): Promise<T> {
  try {
    return await find();
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError")) throw new NotThereError(error.message, { cause: error });
    throw error;
  }
}

/** An error in one line. */
export function messageOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message || error.name : String(error));
}

/** Text in one line, and without characters that a terminal would act on. */
export function oneLine(text: string): string {
  return text
    .trim()
    .replace(/\s*\n\s*/g, " ")
    .replace(/\p{Cc}/gu, "�");
}
