import type { Graph } from "@tfsaver/graph";
import type { SaveableObject } from "../saveables/saveable-object.js";

/** Options of `BaseSaverBuilder.build`, the same as those of `Saver`. */
export interface BuildOptions {
  /** Default: the default graph. */
  readonly graph?: Graph | undefined;
  /** Reshape restored values to the shapes of their variables; the number of elements must match. Default: false. */
  readonly reshape?: boolean | undefined;
  /** Write one shard per device. Default: false. */
  readonly sharded?: boolean | undefined;
  /** Number of checkpoints to keep; `null` or 0 keeps all. Default: 5. */
  readonly maxToKeep?: number | null | undefined;
  /** Also keep one checkpoint for every N hours. `null` counts as 0. Default: 10000. */
  readonly keepCheckpointEveryNHours?: number | null | undefined;
  /** Name scope of the operations. Default: `save`. */
  readonly name?: string | undefined;
  /** Passed to the builder; the built-in builders ignore it, as TensorFlow does. Default: false. */
  readonly restoreSequentially?: boolean | undefined;
  /** Value of the file name tensor if it is not fed. Default: `model`. */
  readonly filename?: string | undefined;
}

/** {@link BuildOptions} with all defaults filled in. */
export type CompleteBuildOptions = {
  readonly [K in keyof BuildOptions]-?: NonNullable<BuildOptions[K]>;
};

/** The saveables of one device, which are saved together. */
export interface Shard {
  /** Canonical device name; `""` for none. */
  readonly device: string;
  readonly saveables: readonly SaveableObject[];
}

/** Options for restoring a group of saveables. */
export interface RestoreOpsOptions {
  readonly reshape: boolean;
  readonly restoreSequentially: boolean;
  /** The shard they were saved to; -1 without shards. */
  readonly preferredShard: number;
  /** Name of the operation that is done when all are restored. */
  readonly name: string;
}
