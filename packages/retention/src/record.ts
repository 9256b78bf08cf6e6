/** A checkpoint, as a policy sees it. */
export interface CheckpointRecord {
  /** Prefix of the checkpoint, as the save returned it. Two records with the same text are the same checkpoint. */
  readonly path: string;
  /** Time of the save, in seconds since 1970; `Infinity` if unknown. */
  readonly time: number;
  /** Training step of the save; `undefined` if unknown. */
  readonly step?: number | undefined;
  /**
   * Measured values by name, for policies that keep the best. Empty if nothing was measured, `undefined` if unknown.
   */
  readonly metrics?: Readonly<Record<string, number>> | undefined;
}
