const TEXT = "tfsaver removes the files of this checkpoint\n";

/** Content of the file that stands for the index of a checkpoint which is being removed, where the index can't be renamed. */
export const REMOVAL_MARK: Uint8Array = new TextEncoder().encode(TEXT);

/** Limit of that file in bytes. */
export const REMOVAL_MARK_BYTES: number = TEXT.length;

/** True for the content of that file. */
export function isRemovalMark(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes) === TEXT;
}
