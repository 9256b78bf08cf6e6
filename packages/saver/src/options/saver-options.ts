import type { OperationOptions, Tensor } from "@tfsaver/core";
import type { Graph, Output, Session, Variable } from "@tfsaver/graph";
import type { ExportMetaGraphOptions, ImportMetaGraphOptions } from "@tfsaver/meta-graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import type { RetentionDecision, RetentionPolicy } from "@tfsaver/retention";
import type { BaseSaverBuilder, BuildOptions, VarList } from "@tfsaver/saver-builders";
import type { Storage } from "@tfsaver/storage";
import type { EagerVarList } from "../access/eager-var-list.js";
import type { CheckpointMetrics } from "../checkpoint-metrics.js";

/** Options of {@link Saver}: the arguments of `tf.compat.v1.train.Saver`, and from `eager` on our own. */
export interface SaverOptions extends BuildOptions {
  /** The values to save. Default: the graph's global variables and saveable objects at the time of the build. */
  readonly varList?: VarList | EagerVarList | undefined;
  /** Name scope of the added operations. With `saverDef`, the scope into which its graph was imported. */
  readonly name?: string | undefined;
  /** Uses the operations that this message names, and its settings, instead of adding operations. */
  readonly saverDef?: SaverDef | undefined;
  /** Builder of the operations. Default: a `BulkSaverBuilder`. */
  readonly builder?: BaseSaverBuilder | undefined;
  /** Leaves adding the operations to {@link Saver.build}. Default: false. */
  readonly deferBuild?: boolean | undefined;
  /** Does nothing, instead of throwing, if there is nothing to save. Default: false. */
  readonly allowEmpty?: boolean | undefined;
  /** Format to write: 2, or 1 for the deprecated one. A `builder` has a version of its own. Default: 2. */
  readonly writeVersion?: number | undefined;
  /** Pads step numbers to 8 digits. Default: false. */
  readonly padStepNumber?: boolean | undefined;
  /** Writes relative paths into the state file, so that the folder can be moved. Default: false. */
  readonly saveRelativePaths?: boolean | undefined;

  /**
   * Opens the session for values that are in no graph (`HostSaveable`), as in TensorFlow's eager mode. Then `varList` must be
   * given, and the session of `save` and `restore` is `null`.
   */
  readonly eager?: ((graph: Graph) => Session) | undefined;
  /**
   * Who may write to the arrays of an eager saver's values while a save is under way. `copied`: anyone, because each save copies
   * them within the call. `given`: nobody, so that nothing is copied. Default: `copied`.
   */
  readonly ownership?: "copied" | "given" | undefined;
  /** Where the state file and meta graphs are; the session writes the tensors. Default: the local file system. */
  readonly storage?: Storage | undefined;
  /**
   * Makes sure that the checkpoint which the session wrote can be seen and read in `storage`, before the state file names it
   * and before an older checkpoint is removed. `"index"`, or true: reads the index, and compares it with the lengths of the
   * data files. `"all"`: reads every byte back and verifies every checksum. Default: `"index"`.
   */
  readonly checkWritten?: boolean | "index" | "all" | undefined;
  /**
   * Limit in milliseconds of the wait while another saver writes the same path; then a save throws `UnavailableError`. Default:
   * none, but a warning names the other saver after one second.
   */
  readonly lockTimeoutMs?: number | undefined;
  /** Creates missing folders when saving. Default: false. */
  readonly createDirectories?: boolean | undefined;
  /**
   * Decides which checkpoints to keep. A policy object belongs to one saver. With it, `maxToKeep` and
   * `keepCheckpointEveryNHours` only go into the `SaverDef`. Default: TensorFlow's policy, from these two.
   */
  readonly retention?: RetentionPolicy | undefined;
  /** Called for every checkpoint that leaves the list: whether its files were removed, and why. */
  readonly onRetention?: ((decision: RetentionDecision) => void) | undefined;
  /**
   * Goes on after a restart: the first save takes over the checkpoints that the state file of its folder lists, with their
   * steps and metrics, as far as they exist and lie in that folder. Default: false.
   */
  readonly recover?: boolean | undefined;
  /** Returns the time in milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined;
  /** Called after each save and restore, with its duration and the checkpoint's bytes and files. Default: not measured. */
  readonly onMetrics?: ((metrics: CheckpointMetrics) => void) | undefined;
  /** Called with warnings. Default: `console.warn`. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Options of {@link Saver.save}. */
export interface SaveOptions extends OperationOptions {
  /** Step number that is appended to the path after a `-`: a number, or a graph element that holds one. */
  readonly globalStep?: number | bigint | boolean | Output | Variable | Tensor | string | undefined;
  /** Name of the state file, in the folder of the checkpoint. Default: `checkpoint`. */
  readonly latestFilename?: string | undefined;
  /** Ending of the meta graph file. Default: `meta`. */
  readonly metaGraphSuffix?: string | undefined;
  /** Writes the meta graph beside the checkpoint. Default: true. */
  readonly writeMetaGraph?: boolean | undefined;
  /** Writes the state file, and applies retention. Default: true. */
  readonly writeState?: boolean | undefined;
  /** Leaves out attributes that hold their default, so that older versions can read the meta graph. Default: false. */
  readonly stripDefaultAttrs?: boolean | undefined;
  /** Writes debug information beside the meta graph: the same name with `_debug` before the extension. Default: false. */
  readonly saveDebugInfo?: boolean | undefined;
  /** Measured values, for a `retention` policy that keeps the best. With `recover`, they are known after a restart. */
  readonly metrics?: Readonly<Record<string, number>> | undefined;
}

/** Options of {@link Saver.saveAsync}. */
export interface SaveAsyncOptions extends SaveOptions {
  /** Number of saves of this saver that may be under way together, with this one. Default: 1. */
  readonly maxPending?: number | undefined;
  /** What to do if so many are under way: `wait` until one has ended, or `skip` this save. Default: `wait`. */
  readonly whenBusy?: "wait" | "skip" | undefined;
}

/** Options of {@link Saver.restore}. */
export interface RestoreOptions extends OperationOptions {
  /**
   * `exact`: every variable must be in the checkpoint, and fit. `intersect`: restores the variables that are and do, leaves
   * the others as they are, and reports. Default: `exact`.
   */
  readonly match?: "exact" | "intersect" | undefined;
  /**
   * Restores the newest other checkpoint of the folder, with a loud warning and a report, if files of the wanted one are
   * missing or damaged. Any other error is thrown. Default: false.
   */
  readonly fallBack?: boolean | undefined;
}

/** Options for the file of an exported meta graph. */
interface ExportFileOptions {
  /** File to write. Default: none. */
  readonly filename?: string | undefined;
  /** Writes text instead of bytes. Default: false. */
  readonly asText?: boolean | undefined;
  /** Also writes debug information: the same name with `_debug` before the extension. Default: false. */
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
  /** Where the file is; also the storage of the new saver. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}
