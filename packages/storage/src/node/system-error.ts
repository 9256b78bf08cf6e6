import {
  AlreadyExistsError,
  CheckpointError,
  FailedPreconditionError,
  NotFoundError,
  PermissionDeniedError,
  ResourceExhaustedError,
  UnknownError,
} from "@tfsaver/core";

/** Runs `action`, and translates the errors of the operating system. */
export async function translating<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw translate(error, path);
  }
}

/**
 * Returns the code of an error of the operating system; `undefined` for other errors. Its class does not matter: under jest,
 * errors of Node.js are of another realm.
 */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}

/** Translates an error of the operating system to this library's, with TensorFlow's wording. */
export function translate(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (error instanceof CheckpointError || code === undefined) return error;
  const context = { path, cause: error };
  switch (code) {
    case "ENOENT":
      return new NotFoundError(`${path}; No such file or directory`, context);
    case "ENOTDIR":
      return new FailedPreconditionError(`${path}; Not a directory`, context);
    case "EISDIR":
      return new FailedPreconditionError(`${path}; Is a directory`, context);
    case "EEXIST":
      return new AlreadyExistsError(`${path}; File exists`, context);
    case "ENOTEMPTY":
      return new FailedPreconditionError(`${path}; Directory not empty`, context);
    // Sockets can't be opened, nor pipes for writing that no process reads.
    case "ENXIO":
      return notRegular(path, error);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new PermissionDeniedError(`${path}; Permission denied`, context);
    case "ENOSPC":
    case "EDQUOT":
      return new ResourceExhaustedError(`${path}; No space left on device`, context);
    case "EMFILE":
    case "ENFILE":
      return new ResourceExhaustedError(`${path}; Too many open files`, context);
    default:
      return new UnknownError(`${path}; ${(error as Error).message}`, context);
  }
}

/** Makes the error for a path that is neither a file nor a directory. */
export function notRegular(path: string, cause?: unknown): FailedPreconditionError {
  return new FailedPreconditionError(`${path} is a pipe, socket or device, not a regular file`, { path, cause });
}
