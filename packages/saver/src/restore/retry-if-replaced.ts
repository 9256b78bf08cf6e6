import { isCheckpointError } from "@tfsaver/core";

const ATTEMPTS = 10;

/**
 * Reads a checkpoint, and reads it again if another one has been written in its place meanwhile, which a reader tells by
 * an `AbortedError` about that path: what was read of the old one is of no use with the rest of the new one.
 */
export async function untilUnchanged<T>(path: string, read: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS - 1; ; left--) {
    try {
      return await read();
    } catch (error) {
      if (left === 0 || !isCheckpointError(error, "AbortedError") || error.path !== path) throw error;
    }
  }
}
