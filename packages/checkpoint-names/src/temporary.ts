import { FIRST_RANDOM, TEMPSTATE, TMP } from "./endings.js";

/** Limit of a name, in bytes, on the file systems in use. */
const MAX_NAME_BYTES = 255;

/**
 * Appends a suffix to the last part of a path. A name that would exceed 255 bytes is cut in front of the suffix, so that
 * a temporary name fits wherever the final one does.
 *
 * @param suffix - ASCII only
 */
export function withSuffix(path: string, suffix: string): string {
  const start = path.lastIndexOf("/") + 1;
  const bytes = new TextEncoder().encode(path.slice(start));
  const room = MAX_NAME_BYTES - suffix.length;
  if (bytes.length <= room) return path + suffix;
  // Drops a character that the cut would split.
  const name = new TextDecoder().decode(bytes.subarray(0, room)).replace(/\uFFFD+$/, "");
  return path.slice(0, start) + name + suffix;
}

/**
 * Draws the ending of a temporary name as TensorFlow's format writers do: `.tempstate` and a random 64-bit number. Numbers
 * below 4 are left out, because some of them mark a stage: see {@link FileStage}.
 */
export function temporarySuffix(): string {
  const [random = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return `${TEMPSTATE}${random | FIRST_RANDOM}`;
}

/** Draws a temporary name for a file of a checkpoint: `model.index.tempstate8713550361425172037`. */
export function temporaryFilename(path: string): string {
  return withSuffix(path, temporarySuffix());
}

/**
 * Draws the name under which a state file, a meta graph or the like is written before it replaces the old one:
 * `checkpoint.tmp` and 32 hexadecimal digits, as TensorFlow's `atomic_write_string_to_file` does.
 */
export function replacementFilename(path: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return withSuffix(path, TMP + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""));
}
