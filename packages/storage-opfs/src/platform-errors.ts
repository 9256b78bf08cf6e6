import {
  CheckpointError,
  FailedPreconditionError,
  InvalidArgumentError,
  NotFoundError,
  PermissionDeniedError,
  ResourceExhaustedError,
  sleep,
  UnavailableError,
  UnknownError,
} from "@tfsaver/core";

/** Milliseconds to wait for a file that is open for writing elsewhere: the browser holds it a little longer than its page lives. */
const BUSY_MS = 3000;
/** Seconds between two attempts. */
const PAUSE_SECONDS = 0.02;

/** True for an error of the browser with one of these names. */
export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && !(error instanceof CheckpointError) && names.includes(error.name);
}

/** Makes the error for a path that does not exist. */
export function missing(path: string, cause?: unknown): NotFoundError {
  return new NotFoundError(`${path}; No such file or directory`, { path, cause });
}

/** Makes the error for a path that is not of the kind that a call needs. */
export function mismatch(path: string, what: string, cause?: unknown): FailedPreconditionError {
  return new FailedPreconditionError(`${path} ${what}`, { path, cause });
}

/** Runs `action`, and translates the errors of the browser. Waits while the file is open for writing elsewhere. */
export async function translating<T>(path: string, action: () => Promise<T>): Promise<T> {
  const end = Date.now() + BUSY_MS;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (!isNamed(error, "NoModificationAllowedError") || Date.now() > end) throw await translated(error, path);
      await sleep(PAUSE_SECONDS);
    }
  }
}

/** Returns the error of this library for an error of the browser; its own errors as they are. */
async function translated(error: unknown, path: string): Promise<unknown> {
  if (!(error instanceof Error) || error instanceof CheckpointError) return error;
  const context = { path, cause: error };
  switch (error.name) {
    case "NotFoundError":
      return missing(path, error);
    case "TypeMismatchError":
      return mismatch(path, "is below a file, not a directory", error);
    case "InvalidModificationError":
      return mismatch(path, "is a directory, or one that is not empty", error);
    case "NoModificationAllowedError":
      return new UnavailableError(
        `${path} is open for writing in this page or worker, or in another one of this site. Close it there, then retry.`,
        context,
      );
    case "NotAllowedError":
    case "SecurityError":
      return new PermissionDeniedError(
        `${path}: the browser denies this page its private files. Allow the site to store data.`,
        context,
      );
    case "TypeError":
      return new InvalidArgumentError(`${path} has a name that the browser does not allow: ${error.message}`, context);
    // Chromium's stream breaks off with an AbortError if the space ends while bytes are on their way.
    case "QuotaExceededError":
    case "AbortError":
      return noSpace(path, error);
    default:
      return new UnknownError(`${path}; ${error.name}: ${error.message}`, context);
  }
}

/** Makes the error for a write that the browser grants no space for. Says how much is used, and how much there is. */
export async function noSpace(path: string, cause?: unknown): Promise<ResourceExhaustedError> {
  const { usage, quota } = await navigator.storage.estimate().catch((): StorageEstimate => ({}));
  const numbers =
    usage === undefined || quota === undefined
      ? ""
      : `: it uses ${inMegabytes(usage)} MB of the ${inMegabytes(quota)} MB that the browser names`;
  return new ResourceExhaustedError(
    `${path}; No space left for the private files of this site${numbers}, or the disk is full. Keep fewer checkpoints ` +
      "(`maxToKeep`), remove some, or free space on the disk.",
    { path, cause },
  );
}

function inMegabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
