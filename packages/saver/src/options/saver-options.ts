import type { OperationOptions, Tensor } from "@tfsaver/core";
import type { Graph, Output, Session, Variable } from "@tfsaver/graph";
import type { ExportMetaGraphOptions, ImportMetaGraphOptions } from "@tfsaver/meta-graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import type { RetentionDecision, RetentionPolicy } from "@tfsaver/retention";
import type { BaseSaverBuilder, BuildOptions, VarList } from "@tfsaver/saver-builders";
import type { Storage } from "@tfsaver/storage";
import type { EagerVarList } from "./eager-var-list.js";

/**
 * Options of {@link Saver}: with those of a builder they are the ones of `tf.compat.v1.train.Saver`, and ours from `eager`
 * on.
 */
export interface SaverOptions extends BuildOptions {
  /** What to save. Default: the graph's global variables and saveable objects, as they are when the saver is built. */
  readonly varList?: VarList | EagerVarList | undefined;
  /** Name scope of the operations that are added; with `saverDef`, the scope that its graph was imported into. */
  readonly name?: string | undefined;
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

  /**
   * Save and restore values that are in no graph (`HostSaveable`), as in TensorFlow's eager mode: opens the session that
   * reads and writes them. Then `varList` must be given, and the session of `save` and `restore` is `null`.
   */
  readonly eager?: ((graph: Graph) => Session) | undefined;
  /** Where the state file and meta graphs go; the session writes the tensors. Default: the local file system. */
  readonly storage?: Storage | undefined;
  /**
   * After a save, look whether what the session has written is in this storage, before the state file names it. Default:
   * true.
   */
  readonly checkWritten?: boolean | undefined;
  /** Make missing folders when saving. Default: false. */
  readonly createDirectories?: boolean | undefined;
  /**
   * Decides which checkpoints to keep; for one saver alone. `maxToKeep` and `keepCheckpointEveryNHours` then are only what
   * the `SaverDef` says. Default: TensorFlow's way, from these two.
   */
  readonly retention?: RetentionPolicy | undefined;
  /** Told of every checkpoint that retention has let go of: whether its files were removed, and why. */
  readonly onRetention?: ((decision: RetentionDecision) => void) | undefined;
  /**
   * Pick up after a restart: with the first save, take over the checkpoints that the state file of its folder lists, as far
   * as they exist and lie in that folder, with their steps and metrics. Default: false.
   */
  readonly recover?: boolean | undefined;
  /** The time in milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined;
  /** Told what is worth knowing but no error. Default: `console.warn`. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Options of {@link Saver.save}. */
export interface SaveOptions extends OperationOptions {
  /** Appended to the path, after a `-`: a number, or what in the graph holds it. */
  readonly globalStep?: number | bigint | boolean | Output | Variable | Tensor | string | undefined;
  /** Name of the state file, in the folder of the checkpoint. Default: `checkpoint`. */
  readonly latestFilename?: string | undefined;
  /** Ending of the meta graph's file. Default: `meta`. */
  readonly metaGraphSuffix?: string | undefined;
  /** Default: true. */
  readonly writeMetaGraph?: boolean | undefined;
  /** Write the state file, and let retention remove old checkpoints. Default: true. */
  readonly writeState?: boolean | undefined;
  /** Leave attributes that hold their default out of the meta graph, so that older versions can read it. Default: false. */
  readonly stripDefaultAttrs?: boolean | undefined;
  /** Write debug information beside the meta graph, to the same name with `_debug` before its extension. Default: false. */
  readonly saveDebugInfo?: boolean | undefined;
  /** Measured values, for a `retention` policy that keeps the best. With `recover`, they outlive a restart. */
  readonly metrics?: Readonly<Record<string, number>> | undefined;
}

/** Options of {@link Saver.restore}. */
export interface RestoreOptions extends OperationOptions {
  /**
   * `exact`: whatever the saver saves must be in the checkpoint, and fit. `intersect`: restore what is and does, leave
   * the rest as it is, and report. Default: `exact`.
   */
  readonly match?: "exact" | "intersect" | undefined;
  /**
   * If files of the checkpoint are missing or damaged, restore the newest other one of its folder that can be restored,
   * with a loud warning and a report. Not if it is for another reason that restoring fails. Default: false.
   */
  readonly fallBack?: boolean | undefined;
}

/** What becomes of a meta graph that is exported, besides what {@link ExportMetaGraphOptions} says. */
interface ExportFileOptions {
  /** Where to write it. Default: nowhere. */
  readonly filename?: string | undefined;
  /** Write text instead of bytes. Default: false. */
  readonly asText?: boolean | undefined;
  /** Also write debug information, to the same name with `_debug` before its extension. Default: false. */
  readonly saveDebugInfo?: boolean | undefined;
}

/** Options of {@link Saver.exportMetaGraph}. */
export interface SaverExportOptions
  extends ExportFileOptions,
    Pick<
      ExportMetaGraphOptions,
      "collectionList" | "exportScope" | "clearDevices" | "clearExtraneousSavers" | "stripDefaultAttrs"
    > {}

/** Options of {@link exportMetaGraph}. */
export interface ExportOptions extends ExportFileOptions, ExportMetaGraphOptions {
  /** Where to write files. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** Options of {@link importMetaGraph}. */
export interface ImportOptions extends Omit<ImportMetaGraphOptions, "returnElements" | "consume"> {
  /** Where to read the file, and storage of the saver that is made. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}
