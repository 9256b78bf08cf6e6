/** What the variables of a workload are. Both sides make the same of it. */
export interface VariablesSpec {
  readonly count: number;
  /** Elements of each. */
  readonly elements: number;
  readonly dtype: "float32" | "string";
  /** Begins every name. */
  readonly scope: string;
  /** Variables are on so many devices in turn, each of which writes a shard of its own; 0: on none, in one shard. */
  readonly devices: number;
}

const NUMBER_BYTES = 4;

/** Bytes of the variables of numbers. */
export function bytesOf({ count, elements }: VariablesSpec): number {
  return count * elements * NUMBER_BYTES;
}
