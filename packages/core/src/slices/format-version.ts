import { InvalidArgumentError } from "../errors.js";

/** The version that both formats have in TensorFlow 2.21, and the only one that this library reads and writes. */
export const FORMAT_VERSION = 1;

/**
 * Checks that the version a file needs can be read.
 *
 * @throws {@link InvalidArgumentError} if it can't, in TensorFlow's words.
 */
export function requireReadableVersion(
  version: { readonly minConsumer: number; readonly badConsumers: readonly number[] },
  path: string,
): void {
  if (version.minConsumer > FORMAT_VERSION) {
    throw new InvalidArgumentError(
      `${path}: Checkpoint min consumer version ${version.minConsumer} above current version ${FORMAT_VERSION}. ` +
        "A newer TensorFlow wrote it.",
      { path },
    );
  }
  if (version.badConsumers.includes(FORMAT_VERSION)) {
    throw new InvalidArgumentError(`${path}: Checkpoint disallows consumer version ${FORMAT_VERSION}`, { path });
  }
}
