import type { OperationOptions, WarningListener } from "@tfsaver/core";
import type { Graph, Output, Variable } from "@tfsaver/graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import type { RetentionDecision, RetentionPolicy } from "@tfsaver/retention";
import type { BaseSaverBuilder, VarList } from "@tfsaver/saver-builders";
import type { Storage } from "@tfsaver/storage";

/** Options of {@link Saver}; those of `tf.compat.v1.train.Saver`, and ours from `graph` on. */
export interface SaverOptions {
  /** What to save. Default: the graph's global variables and saveable objects, as they are when the saver is built. */
  readonly varList?: VarList | undefined;
  /** Restored values take the shape of their variable. Default: false. */
  readonly reshape?: boolean | undefined;
  /** One shard per device. Default: false. */
  readonly sharded?: boolean | undefined;
  /** How many checkpoints to keep; `null` or 0: all. Default: 5. */
  readonly maxToKeep?: number | null | undefined;
  /** Beside them, keep one checkpoint for every so many hours. Default: 10000. */
  readonly keepCheckpointEveryNHours?: number | null | undefined;
  /** Name scope of the operations that are added; with `saverDef`, the scope that its graph was imported into. */
  readonly name?: string | undefined;
  /** Kept for the graphs of old; TensorFlow ignores it too. */
  readonly restoreSequentially?: boolean | undefined;
  /** Use the operations that this message names, instead of adding some. Its settings take the place of the options. */
  readonly saverDef?: SaverDef | undefined;
  /** Adds the operations. Default: a `BulkSaverBuilder`. */
  readonly builder?: BaseSaverBuilder | undefined;
  /** Add the operations in {@link Saver.build} only. Default: false. */
  readonly deferBuild?: boolean | undefined;
  /** If there is nothing to save, do nothing instead of failing. Default: false. */
  readonly allowEmpty?: boolean | undefined;
  /** Format to write: 2, or 1 for that of the early years. A `builder` has a version of its own. Default: 2. */
  readonly writeVersion?: number | undefined;
  /** Write step numbers with 8 digits. Default: false. */
  readonly padStepNumber?: boolean | undefined;
  /** Write relative paths into the state file, so that the folder can be moved. Default: false. */
  readonly saveRelativePaths?: boolean | undefined;
  /** What the file name tensor is when it is not fed. Default: `model`. */
  readonly filename?: string | undefined;

  /** Default: the default graph. */
  readonly graph?: Graph | undefined;
  /** Where the state file and meta graphs go; the session writes the tensors. Default: the local file system. */
  readonly storage?: Storage | undefined;
  /** Decides which checkpoints to keep. Default: TensorFlow's way, from `maxToKeep` and `keepCheckpointEveryNHours`. */
  readonly retention?: RetentionPolicy | undefined;
  /** Told of every checkpoint that retention has let go of: whether its files were removed, and why. */
  readonly onRetention?: ((decision: RetentionDecision) => void) | undefined;
  /** The time in milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined;
  /** Told what is worth knowing but no error. Default: `console.warn`. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Options of {@link Saver.save}. */
export interface SaveOptions extends OperationOptions {
  /** Appended to the path, after a `-`: a number, or what in the graph holds it. */
  readonly globalStep?: number | bigint | boolean | Output | Variable | string | undefined;
  /** Name of the state file, in the folder of the checkpoint. Default: `checkpoint`. */
  readonly latestFilename?: string | undefined;
  /** Ending of the meta graph's file. Default: `meta`. */
  readonly metaGraphSuffix?: string | undefined;
  /** Default: true. */
  readonly writeMetaGraph?: boolean | undefined;
  /** Write the state file, and let retention remove old checkpoints. Default: true. */
  readonly writeState?: boolean | undefined;
}

/** Options of {@link Saver.exportMetaGraph}. */
export interface SaverExportOptions {
  /** Where to write it. Default: nowhere. */
  readonly filename?: string | undefined;
  /** Names of the collections to include. Default: all. */
  readonly collectionList?: readonly string[] | undefined;
}

/** Options of {@link importMetaGraph}. */
export interface ImportOptions {
  /** Where to add the nodes. Default: the default graph. */
  readonly graph?: Graph | undefined;
  /** Where to read the file, and storage of the saver that is made. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  readonly onWarning?: WarningListener | undefined;
}
