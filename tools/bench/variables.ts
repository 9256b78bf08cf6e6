/** Describes the variables of a workload, for both sides. */
export interface VariablesSpec {
  readonly count: number;
  /** Number of elements of each variable. */
  readonly elements: number;
  readonly dtype: "float32" | "string";
  /** Prefix of every name. */
  readonly scope: string;
  /** Number of devices, each of which saves its variables as one shard; 0: no devices, one shard. */
  readonly devices: number;
}

const NUMBER_BYTES = 4;

/** Returns the size of all float32 variables in bytes. */
export function bytesOf({ count, elements }: VariablesSpec): number {
  return count * elements * NUMBER_BYTES;
}
