/** What a string, or an entry of a table, counts among elements. */
export const STRING_ELEMENTS = 1024;

/** What a kernel takes of the limits of its run. */
export interface Cost {
  /** Bytes of memory. */
  readonly bytes?: number | undefined;
  /** Elements: 1 for a number, {@link STRING_ELEMENTS} for a string or an entry of a table. */
  readonly elements?: number | undefined;
  /** Nanoseconds of work, roughly. */
  readonly steps?: number | undefined;
}
