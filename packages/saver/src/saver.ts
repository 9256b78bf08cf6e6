import { checkpointExists, metaGraphFilename, updateCheckpointState } from "@tfsaver/checkpoint-state";
import {
  isCheckpointError,
  type OperationOptions,
  RuntimeError,
  tensorStrings,
  ValueError,
  type WarningListener,
  warnOnConsole,
} from "@tfsaver/core";
import { type Graph, GraphKeys, getDefaultGraph, isSession, prependNameScope, type Session } from "@tfsaver/graph";
import { exportMetaGraph, writeMetaGraph } from "@tfsaver/meta-graph";
import type { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { type SaverDef, SaverDef_CheckpointFormatVersion } from "@tfsaver/proto/saver";
import { type CheckpointRecord, type RetentionPolicy, tensorflowDefault } from "@tfsaver/retention";
import { BulkSaverBuilder, type Saveable, type VarList } from "@tfsaver/saver-builders";
import { dirname, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { requireNoCollision, requireStateFilename, stepPath } from "./checkpoint-path.js";
import type { SaveOptions, SaverExportOptions, SaverOptions } from "./options.js";
import { explainRestoreError } from "./restore-error.js";
import { carryOut, recordsOfFiles, recordsOfPaths } from "./retained.js";
import { EXPORT_OPTIONS, requireSupported, SAVE_OPTIONS, SAVER_OPTIONS } from "./supported-options.js";

/**
 * Saves and restores variables (`tf.compat.v1.train.Saver`): adds the operations that do so to a graph, runs them in a
 * session, numbers checkpoints, keeps the `checkpoint` file, and removes old checkpoints.
 */
export class Saver {
  readonly #options: SaverOptions;
  readonly #graph: Graph;
  readonly #clock: () => number;
  readonly #warn: WarningListener;
  #saverDef: SaverDef | undefined;
  #isBuilt = false;
  #isEmpty = false;
  #policy: RetentionPolicy | undefined;
  /** What was set before there was a policy to take it. */
  #recovered: readonly CheckpointRecord[] = [];

  /**
   * Unless `deferBuild` is set, adds the save and restore operations to the graph.
   *
   * @throws `ValueError` if there is nothing to save, names are not unique, `deferBuild` comes with a `varList`, or the
   * `saverDef` lacks a name; `TypeError` if the `varList` holds what can't be saved; `UnimplementedError` for options
   * that are not there yet.
   */
  constructor(options: SaverOptions = {}) {
    requireSupported("Saver", options, SAVER_OPTIONS);
    if (options.deferBuild && isFilled(options.varList)) {
      throw new ValueError(
        "If `var_list` is provided then build cannot be deferred. Either set defer_build=False or var_list=None.",
      );
    }
    this.#options = options;
    this.#graph = options.graph ?? getDefaultGraph();
    this.#clock = options.clock ?? Date.now;
    this.#warn = options.onWarning ?? warnOnConsole;
    this.#saverDef = options.saverDef;
    if (!options.deferBuild) this.build();
    else if (this.#saverDef !== undefined) requireComplete(this.#saverDef);
  }

  /** A saver over the operations that a message names (`Saver.from_proto`). */
  static fromProto(saverDef: SaverDef, options: Omit<SaverOptions, "saverDef"> = {}): Saver {
    return new Saver({ ...options, saverDef });
  }

  /** Adds the save and restore operations to the graph, if that has not been done. Throws as the constructor. */
  build(): void {
    if (this.#isBuilt) return;
    this.#isBuilt = true;
    const { name } = this.#options;
    if (this.#saverDef !== undefined) {
      if (name) prependNames(this.#saverDef, name);
    } else {
      const varList = this.#options.varList ?? this.#allSaveables();
      if (!isFilled(varList)) {
        if (!this.#options.allowEmpty) throw new ValueError("No variables to save");
        this.#isEmpty = true;
        return;
      }
      const builder = this.#options.builder ?? new BulkSaverBuilder(this.#options.writeVersion);
      this.#saverDef = builder.build(varList, { ...this.#options, graph: this.#graph });
    }
    requireComplete(this.#saverDef);
    this.#policy = this.#options.retention ?? this.#defaultPolicy(this.#saverDef);
    if (this.#recovered.length > 0) this.#policy.setLastCheckpoints(this.#recovered);
  }

  #allSaveables(): VarList {
    const { GLOBAL_VARIABLES, SAVEABLE_OBJECTS } = GraphKeys;
    return [...this.#graph.collection(GLOBAL_VARIABLES), ...this.#graph.collection(SAVEABLE_OBJECTS)] as Saveable[];
  }

  #defaultPolicy({ maxToKeep, keepCheckpointEveryNHours }: SaverDef): RetentionPolicy {
    return tensorflowDefault({ maxToKeep, keepCheckpointEveryNHours, startTime: this.#seconds() });
  }

  #seconds(): number {
    return this.#clock() / 1000;
  }

  get #storage(): Storage {
    return this.#options.storage ?? defaultStorage();
  }

  /** The message that describes this saver: the live object; `undefined` if it is empty or not built. */
  asSaverDef(): SaverDef | undefined {
    return this.#saverDef;
  }

  // Saving

  /**
   * Saves the variables of a session: writes the checkpoint, then the state file, removes what retention lets go of,
   * and writes the meta graph.
   *
   * @param savePath - path and first part of the checkpoint's file names
   * @returns the checkpoint's prefix, for {@link Saver.restore}; `undefined` if there is nothing to save
   * @throws `ValueError` for an impossible `latestFilename`, or if the parent folder does not exist; `TypeError` if
   * `session` is none; `FailedPreconditionError` for an uninitialized variable; `RuntimeError` if the saver is not
   * built; the storage's errors. After an error of writing the checkpoint, the old state stands.
   */
  async save(session: Session, savePath: string, options: SaveOptions = {}): Promise<string | undefined> {
    requireSupported("Saver.save", options, SAVE_OPTIONS);
    if (!this.#isBuilt) throw new RuntimeError("`build()` should be called before save if defer_build==True");
    const { latestFilename = "checkpoint", metaGraphSuffix = "meta", globalStep } = options;
    if (this.#saverDef !== undefined && this.#saverDef.version !== V2) this.#warn(V1_WARNING);
    requireStateFilename(latestFilename);
    if (typeof savePath !== "string") throw new TypeError("Expected a string as savePath");
    // A sharded checkpoint has no file of the bare name.
    if (globalStep === undefined && !this.#options.sharded) requireNoCollision(savePath, latestFilename);
    if (!isSession(session)) throw new TypeError(`'sess' must be a Session; ${String(session)}`);
    const run = { signal: options.signal, onProgress: options.onProgress };
    const path =
      globalStep === undefined
        ? savePath
        : await stepPath(savePath, globalStep, this.#options.padStepNumber ?? false, session, run);

    let saved: string | undefined;
    if (!this.#isEmpty) {
      try {
        saved = await this.#write(session, path, run);
        if (options.writeState ?? true) await this.#remember(saved, savePath, latestFilename, metaGraphSuffix);
      } catch (error) {
        throw await this.#explainSaveError(error, savePath);
      }
    }
    if (options.writeMetaGraph ?? true) {
      const filename = metaGraphFilename(path, metaGraphSuffix);
      await this.#export(session.graph, { filename });
    }
    return saved;
  }

  async #write(session: Session, path: string, options: OperationOptions): Promise<string> {
    const { saveTensorName, filenameTensorName } = this.#requireSaverDef();
    const prefix = await session.run(session.graph.output(saveTensorName), { [filenameTensorName]: path }, options);
    return new TextDecoder().decode(tensorStrings(prefix)[0]);
  }

  async #remember(path: string, savePath: string, latestFilename: string, metaGraphSuffix: string): Promise<void> {
    const policy = this.#policy as RetentionPolicy;
    const kept = policy.record({ path, time: this.#seconds() });
    const storage = this.#storage;
    await updateCheckpointState(dirname(savePath), path, {
      allModelCheckpointPaths: kept.map((checkpoint) => checkpoint.path),
      latestFilename,
      saveRelativePaths: this.#options.saveRelativePaths,
      storage,
    });
    const { version } = this.#requireSaverDef();
    const { onRetention } = this.#options;
    await carryOut(policy, { storage, version, metaGraphSuffix, onWarning: this.#warn, onRetention });
  }

  async #explainSaveError(error: unknown, savePath: string): Promise<unknown> {
    if (!isCheckpointError(error, "FailedPreconditionError", "NotFoundError")) return error;
    const parent = dirname(savePath);
    if (parent === "" || (await this.#storage.stat(parent))?.kind === "directory") return error;
    return new ValueError(`Parent directory of ${savePath} doesn't exist, can't save.`, { path: parent, cause: error });
  }

  // Restoring

  /**
   * Restores the variables of a session, which need not be initialized.
   *
   * @param savePath - what {@link Saver.save} or `latestCheckpoint` gave
   * @throws `ValueError` if there is no such checkpoint; `NotFoundError` if it lacks a variable; `InvalidArgumentError`
   * if a variable has another dtype or shape; `DataLossError` if the checkpoint is damaged.
   */
  async restore(session: Session, savePath: string, options: OperationOptions = {}): Promise<void> {
    if (this.#isEmpty) return;
    if (savePath === undefined || savePath === null) throw new ValueError("Can't load save_path when it is None.");
    if (typeof savePath !== "string") throw new TypeError("Expected a string as savePath");
    if (!(await checkpointExists(savePath, { storage: this.#storage }))) {
      throw new ValueError(`The passed save_path is not a valid checkpoint: ${savePath}`, { path: savePath });
    }
    const { restoreOpName, filenameTensorName } = this.#requireSaverDef();
    try {
      await session.run(restoreOpName, { [filenameTensorName]: savePath }, options);
    } catch (error) {
      throw explainRestoreError(error, savePath);
    }
  }

  #requireSaverDef(): SaverDef {
    if (this.#saverDef === undefined) throw new RuntimeError("The saver is not built: call `build()` first");
    return this.#saverDef;
  }

  // Checkpoints on disk

  /** Paths of the checkpoints that are kept, oldest first; a list of one's own. */
  get lastCheckpoints(): string[] {
    return (this.#policy?.lastCheckpoints ?? this.#recovered).map(({ path }) => path);
  }

  /**
   * Sets {@link Saver.lastCheckpoints}, of which it is not known when they were saved, so that they are never removed.
   *
   * @throws `AssertionError` if `paths` is not an array.
   */
  setLastCheckpoints(paths: readonly string[]): void {
    this.#setLast(recordsOfPaths(paths));
  }

  /** Sets {@link Saver.lastCheckpoints} to those of `paths` that exist, as after a restart. */
  async recoverLastCheckpoints(paths: readonly string[]): Promise<void> {
    this.#setLast(await recordsOfFiles(paths, this.#storage));
  }

  #setLast(records: readonly CheckpointRecord[]): void {
    this.#recovered = records;
    this.#policy?.setLastCheckpoints(records);
  }

  // The meta graph

  /** The saver's graph with its collections and this saver as a message, written to `filename` if one is given. */
  async exportMetaGraph(options: SaverExportOptions = {}): Promise<MetaGraphDef> {
    requireSupported("Saver.exportMetaGraph", options, EXPORT_OPTIONS);
    return this.#export(this.#graph, options);
  }

  async #export(graph: Graph, { filename, collectionList }: SaverExportOptions): Promise<MetaGraphDef> {
    const metaGraph = exportMetaGraph({ graph, saverDef: this.#saverDef, collectionList, onWarning: this.#warn });
    if (filename !== undefined) await writeMetaGraph(filename, metaGraph, { storage: this.#storage });
    return metaGraph;
  }
}

const { V2 } = SaverDef_CheckpointFormatVersion;

const V1_WARNING =
  "Saving a checkpoint in the V1 format, which TensorFlow has deprecated: it takes more memory and time to restore. " +
  "Leave out `writeVersion` for V2.";

function isFilled(varList: VarList | undefined): boolean {
  if (varList === undefined) return false;
  if (Array.isArray(varList)) return varList.length > 0;
  return varList instanceof Map ? varList.size > 0 : Object.keys(varList).length > 0;
}

function prependNames(saverDef: SaverDef, scope: string): void {
  saverDef.filenameTensorName = prependNameScope(saverDef.filenameTensorName, scope);
  saverDef.saveTensorName = prependNameScope(saverDef.saveTensorName, scope);
  saverDef.restoreOpName = prependNameScope(saverDef.restoreOpName, scope);
}

function requireComplete(saverDef: SaverDef): void {
  if (typeof saverDef.saveTensorName !== "string") throw new ValueError("saver_def must be a saver_pb2.SaverDef");
  if (saverDef.saveTensorName === "") throw new ValueError("saver_def must specify the save_tensor_name");
  if (saverDef.restoreOpName === "") throw new ValueError("saver_def must specify the restore_op_name");
}
