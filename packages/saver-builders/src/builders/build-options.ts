import type { Graph } from "@tfsaver/graph";
import type { SaveableObject } from "../saveables/saveable-object.js";

/** Options of `BaseSaverBuilder.build`, as `Saver` takes them. */
export interface BuildOptions {
  /** Default: the default graph. */
  readonly graph?: Graph | undefined;
  /** Give restored values the shapes of their variables, if they have as many elements. Default: false. */
  readonly reshape?: boolean | undefined;
  /** One shard per device. Default: false. */
  readonly sharded?: boolean | undefined;
  /** How many checkpoints to keep; `null` or 0: all. Default: 5. */
  readonly maxToKeep?: number | null | undefined;
  /** Beside them, keep one checkpoint for every so many hours. Default: 10000. */
  readonly keepCheckpointEveryNHours?: number | null | undefined;
  /** Name scope of the operations. Default: `save`. */
  readonly name?: string | undefined;
  /** Kept for the graphs of old; TensorFlow ignores it too. */
  readonly restoreSequentially?: boolean | undefined;
  /** What the file name tensor is when it is not fed. Default: `model`. */
  readonly filename?: string | undefined;
}

/** {@link BuildOptions} with all that was left out filled in. */
export type CompleteBuildOptions = {
  readonly [K in keyof BuildOptions]-?: NonNullable<BuildOptions[K]>;
};

/** What is saved together, on one device. */
export interface Shard {
  /** Canonical name; `""` for none. */
  readonly device: string;
  readonly saveables: readonly SaveableObject[];
}

/** How a group of saveables is restored. */
export interface RestoreOpsOptions {
  readonly reshape: boolean;
  readonly restoreSequentially: boolean;
  /** The shard they were saved to; -1 if there are none. */
  readonly preferredShard: number;
  /** Name of the operation that is done after all. */
  readonly name: string;
}
