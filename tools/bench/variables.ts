/** Describes the variables of a workload. Both sides create the same ones. */
export interface VariablesSpec {
  readonly count: number;
  /** Number of elements of each variable. */
  readonly elements: number;
  readonly dtype: "float32" | "string";
  /** Prefix of every name. */
  readonly scope: string;
  /** Number of devices, each of which writes a shard; variables are assigned in turn. 0: no device, one shard. */
  readonly devices: number;
}

const NUMBER_BYTES = 4;

/** Returns the size of the numeric variables, in bytes. */
export function bytesOf({ count, elements }: VariablesSpec): number {
  return count * elements * NUMBER_BYTES;
}
