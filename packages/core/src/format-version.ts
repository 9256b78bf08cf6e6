import { InvalidArgumentError } from "./errors.js";

/** The version of both checkpoint formats that is written and read here, as in TensorFlow 2.21. */
export const FORMAT_VERSION = 1;

/**
 * Refuses a file that says that this version of the format must not be read.
 *
 * @throws `InvalidArgumentError`, in TensorFlow's words.
 */
export function requireReadableVersion(
  version: { readonly minConsumer: number; readonly badConsumers: readonly number[] },
  path: string,
): void {
  if (version.minConsumer > FORMAT_VERSION) {
    throw new InvalidArgumentError(
      `${path}: Checkpoint min consumer version ${version.minConsumer} above current version ${FORMAT_VERSION}. ` +
        "It was written by a newer TensorFlow, in a form that this version can't read.",
      { path },
    );
  }
  if (version.badConsumers.includes(FORMAT_VERSION)) {
    throw new InvalidArgumentError(
      `${path}: Checkpoint disallows consumer version ${FORMAT_VERSION}: this version would read it wrongly.`,
      { path },
    );
  }
}
