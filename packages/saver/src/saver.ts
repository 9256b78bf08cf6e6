import { metaGraphFilename, writeShards } from "@tfsaver/checkpoint-state";
import { type OperationOptions, RuntimeError, ValueError, type WarningListener, warnOnConsole } from "@tfsaver/core";
import { type Graph, getDefaultGraph, isSession, type Session } from "@tfsaver/graph";
import { stripSaverDef } from "@tfsaver/meta-graph";
import type { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { type SaverDef, SaverDef_CheckpointFormatVersion } from "@tfsaver/proto/saver";
import { tensorflowDefault } from "@tfsaver/retention";
import { BulkSaverBuilder, type VarList } from "@tfsaver/saver-builders";
import { createDirectories, dirname, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { alone, type Turn } from "./alone.js";
import type { CheckpointAccess } from "./checkpoint-access.js";
import { requireNoCollision, requireStateFilename, stepNumber, stepPath } from "./checkpoint-path.js";
import { EagerAccess } from "./eager-access.js";
import { hostSaveables } from "./eager-var-list.js";
import { exportMetaGraph } from "./export-meta-graph.js";
import type { FallBackReport } from "./fall-back.js";
import { allSaveables, GraphAccess } from "./graph-access.js";
import type { RestoreReport } from "./intersection.js";
import { KeptCheckpoints } from "./kept-checkpoints.js";
import {
  RESTORE_OPTIONS,
  requireKnown,
  SAVE_OPTIONS,
  SAVER_EXPORT_OPTIONS,
  SAVER_OPTIONS,
  withoutNulls,
} from "./known-options.js";
import type { RestoreOptions, SaveOptions, SaverExportOptions, SaverOptions } from "./options.js";
import { requireMetrics } from "./record-file.js";
import { recordsOfFiles } from "./recover.js";
import { Restorer } from "./restorer.js";
import { recordsOfPaths, recordsWithTime } from "./retained.js";
import { explainSaveError } from "./save-error.js";
import { prependNames, requireComplete } from "./saver-def-names.js";
import { takingBack } from "./undo.js";
import { requireWritten } from "./written.js";

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
  #access: CheckpointAccess | undefined;
  #isBuilt = false;
  #isEmpty = false;
  readonly #kept: KeptCheckpoints;

  /**
   * Unless `deferBuild` is set, adds the save and restore operations to the graph.
   *
   * @throws `ValueError` if there is nothing to save, names are not unique, `deferBuild` comes with a `varList`, or the
   * `saverDef` lacks a name; `TypeError` if the `varList` holds what can't be saved, or for an option that does not exist;
   * with `eager`, `RuntimeError` without a `varList` or with `sharded`.
   */
  constructor(given: SaverOptions = {}) {
    requireKnown("Saver", given, SAVER_OPTIONS);
    const options = withoutNulls(given, "maxToKeep", "keepCheckpointEveryNHours");
    if (options.deferBuild && isFilled(options.varList)) {
      throw new ValueError(
        "If `var_list` is provided then build cannot be deferred. Either set defer_build=False or var_list=None.",
      );
    }
    this.#options = options;
    this.#graph = options.graph ?? getDefaultGraph();
    this.#clock = options.clock ?? Date.now;
    this.#warn = options.onWarning ?? warnOnConsole;
    this.#kept = new KeptCheckpoints(options, () => this.#storage, this.#warn);
    this.#saverDef = options.saverDef;
    if (options.eager !== undefined) this.#prepareEager(options.eager);
    else if (!options.deferBuild) this.build();
    else if (this.#saverDef !== undefined) requireComplete(this.#saverDef);
  }

  /** A saver over the operations that a message names (`Saver.from_proto`). */
  static fromProto(saverDef: SaverDef, options: Omit<SaverOptions, "saverDef"> = {}): Saver {
    return new Saver({ ...options, saverDef });
  }

  /**
   * Adds the save and restore operations to the graph, if that has not been done. Throws as the constructor, and
   * `RuntimeError` for an eager saver.
   */
  build(): void {
    if (this.#options.eager !== undefined) throw new RuntimeError("Use save/restore instead of build in eager mode.");
    if (this.#isBuilt) return;
    this.#isBuilt = true;
    const { name } = this.#options;
    let saved = this.#options.varList;
    if (this.#saverDef !== undefined) {
      if (name) prependNames(this.#saverDef, name);
    } else {
      saved ??= allSaveables(this.#graph);
      if (!isFilled(saved)) {
        if (!this.#options.allowEmpty) throw new ValueError("No variables to save");
        this.#isEmpty = true;
        return;
      }
      const builder = this.#options.builder ?? new BulkSaverBuilder(this.#options.writeVersion);
      this.#saverDef = builder.build(saved as VarList, { ...this.#options, graph: this.#graph });
    }
    requireComplete(this.#saverDef);
    const { builder, reshape } = this.#options;
    const remembered = { graph: this.#graph, varList: saved as VarList | undefined, builder, reshape };
    this.#useAccess(new GraphAccess(this.#saverDef, remembered));
  }

  #prepareEager(open: (graph: Graph) => Session): void {
    const { varList, sharded, keepCheckpointEveryNHours, allowEmpty, writeVersion } = this.#options;
    if (typeof open !== "function") throw new TypeError("eager must be a function that opens a session over a graph");
    if (this.#saverDef !== undefined)
      throw new ValueError("`saverDef` is about a graph, which there is none of when executing eagerly");
    const hosts = hostSaveables(varList);
    if (sharded) throw new RuntimeError("`sharded` is about devices, which there are none of when executing eagerly");
    if (keepCheckpointEveryNHours === null) throw new TypeError("keepCheckpointEveryNHours must be a number of hours");
    const { builder = new BulkSaverBuilder(writeVersion) } = this.#options;
    const access = new EagerAccess(hosts, { ...this.#options, builder, open });
    this.#isBuilt = true;
    this.#isEmpty = allowEmpty === true && hosts.size === 0;
    this.#saverDef = access.saverDef;
    this.#useAccess(access);
  }

  #useAccess(access: CheckpointAccess): void {
    this.#access = access;
    const { maxToKeep, keepCheckpointEveryNHours } = access.saverDef;
    const startTime = this.#seconds();
    this.#kept.use(
      this.#options.retention ?? tensorflowDefault({ maxToKeep, keepCheckpointEveryNHours, startTime }),
      this.#options.retention !== undefined || maxToKeep !== 0,
    );
  }

  #seconds(): number {
    return this.#clock() / 1000;
  }

  get #storage(): Storage {
    return this.#options.storage ?? defaultStorage();
  }

  /**
   * The message that describes this saver: the live object; `undefined` if it is empty or not built, or an eager one that
   * has done nothing yet.
   */
  asSaverDef(): SaverDef | undefined {
    const isEager = this.#options.eager !== undefined;
    return this.#isEmpty || (isEager && this.#saverDef?.filenameTensorName === "") ? undefined : this.#saverDef;
  }

  /**
   * The message that describes this saver, without a name scope in its names (`Saver.to_proto`).
   *
   * @param exportScope - with a scope, the message is a copy; without, the live object
   * @returns `undefined` if one of the names does not begin like that, or as {@link Saver.asSaverDef}
   */
  toProto(exportScope?: string): SaverDef | undefined {
    const saverDef = this.asSaverDef();
    if (saverDef === undefined || exportScope === undefined) return saverDef;
    return stripSaverDef(saverDef, exportScope);
  }

  // Saving

  /**
   * Saves the variables of a session: writes the checkpoint, then the state file, removes what retention lets go of,
   * and writes the meta graph.
   *
   * @param session - `null` for an eager saver, which writes no meta graph
   * @param savePath - path and first part of the checkpoint's file names
   * @returns the checkpoint's prefix, for {@link Saver.restore}; `undefined` if there is nothing to save
   * @throws `ValueError` for an impossible `latestFilename`, or if the parent folder does not exist; `TypeError` if
   * `session` is none; `FailedPreconditionError` for an uninitialized variable; `RuntimeError` if the saver is not
   * built, or if what the session has written is not in the saver's storage; `AbortedError` if another saver may be
   * writing this path, because this one was suspended for too long; the storage's errors. After an error of writing
   * the checkpoint, the old state stands.
   */
  async save(session: Session | null, savePath: string, given: SaveOptions = {}): Promise<string | undefined> {
    requireKnown("Saver.save", given, SAVE_OPTIONS);
    const options = withoutNulls(given);
    requireMetrics(options.metrics);
    if (!this.#isBuilt) throw new RuntimeError("`build()` should be called before save if defer_build==True");
    const { latestFilename = "checkpoint", metaGraphSuffix = "meta", globalStep, stripDefaultAttrs } = options;
    if (this.#saverDef !== undefined && this.#saverDef.version !== V2) this.#warn(V1_WARNING);
    requireStateFilename(latestFilename);
    if (typeof savePath !== "string") throw new TypeError("Expected a string as savePath");
    // A sharded checkpoint has no file of the bare name.
    if (globalStep === undefined && !this.#options.sharded) requireNoCollision(savePath, latestFilename);
    if (this.#options.eager === undefined && !isSession(session)) {
      throw new TypeError(`'sess' must be a Session; ${String(session)}`);
    }
    const run = { signal: options.signal, onProgress: options.onProgress };
    const step = globalStep === undefined ? undefined : await stepNumber(globalStep, session, run);
    const path = step === undefined ? savePath : stepPath(savePath, step, this.#options.padStepNumber ?? false);

    try {
      if (this.#options.createDirectories && !this.#isEmpty) await createDirectories(this.#storage, dirname(path));
      const { signal } = options;
      const createFolder = !this.#isEmpty && this.#makesFolder();
      return await alone(
        path,
        { storage: this.#storage, signal, onWarning: this.#warn, createFolder },
        async (turn) => {
          const saved = this.#isEmpty ? undefined : await this.#write(session, path, run, turn);
          // A session that runs elsewhere has not asked.
          await turn.requireKept();
          if (saved !== undefined && (options.writeState ?? true)) {
            if (this.#options.checkWritten ?? true) await requireWritten(saved, this.#storage);
            const { metrics = {} } = options;
            await this.#kept.remember({
              record: {
                path: saved,
                time: this.#seconds(),
                step: step === undefined ? undefined : Number(step),
                metrics,
              },
              isOwnPath: saved.startsWith(path) && !saved.slice(path.length).includes("/"),
              directory: dirname(savePath),
              latestFilename,
              metaGraphSuffix,
              version: this.#requireAccess().saverDef.version,
            });
          }
          if (session !== null && this.#options.eager === undefined && (options.writeMetaGraph ?? true)) {
            const filename = metaGraphFilename(path, metaGraphSuffix);
            await this.#export(session.graph, { filename, stripDefaultAttrs, saveDebugInfo: options.saveDebugInfo });
          }
          return saved;
        },
      );
    } catch (error) {
      throw await explainSaveError(error, savePath, this.#storage);
    }
  }

  /** Whether saving makes one folder that is missing: TensorFlow does so for V2 alone, and shards take the only level. */
  #makesFolder(): boolean {
    const { version, sharded } = this.#requireAccess().saverDef;
    return version === V2 && !sharded;
  }

  #write(session: Session | null, path: string, options: OperationOptions, turn: Turn): Promise<string> {
    const access = this.#requireAccess();
    const { version, sharded } = access.saverDef;
    const checkpoint = { path, version: version === V2 ? 2 : 1, sharded };
    const storage = this.#storage;
    const beforeCommit = () => turn.requireKept();
    const save = (prefix: string) => access.save(session, prefix, { ...options, beforeCommit });
    const isV1InShards = checkpoint.version === 1 && sharded;
    const write = () => (isV1InShards ? writeShards(path, save, { storage, beforeCommit }) : save(path));
    return takingBack(checkpoint, storage, this.#warn, turn, write);
  }

  // Restoring

  /**
   * Restores the variables of a session, which need not be initialized. An object-based checkpoint
   * (`tf.train.Checkpoint`) is restored by the names that its variables had, with a warning, and with operations that are
   * added to the graph the first time.
   *
   * @param session - `null` for an eager saver
   * @param savePath - what {@link Saver.save} or `latestCheckpoint` gave; with `fallBack`, a folder is its newest
   * checkpoint that can be restored
   * @returns with `match: "intersect"`, what became of each name; with `fallBack`, also which checkpoint was restored
   * @throws `ValueError` if there is no such checkpoint; `NotFoundError` if it lacks a variable; `InvalidArgumentError`
   * if a variable has another dtype or shape; `DataLossError` if the checkpoint is damaged. With `match: "intersect"` the
   * last of them only. If files are the cause, the message ends with what is wrong with them, and with the newest whole
   * checkpoint of the folder.
   */
  async restore(
    session: Session | null,
    savePath: string,
    options: RestoreOptions & { readonly fallBack: true },
  ): Promise<FallBackReport>;
  async restore(
    session: Session | null,
    savePath: string,
    options: RestoreOptions & { readonly match: "intersect" },
  ): Promise<RestoreReport>;
  async restore(
    session: Session | null,
    savePath: string,
    options?: RestoreOptions,
  ): Promise<RestoreReport | undefined>;
  async restore(
    session: Session | null,
    savePath: string,
    options: RestoreOptions = {},
  ): Promise<RestoreReport | undefined> {
    requireKnown("Saver.restore", options, RESTORE_OPTIONS);
    const { match = "exact", fallBack: mayFallBack = false, signal, onProgress } = withoutNulls(options);
    if (match !== "exact" && match !== "intersect")
      throw new TypeError(`match must be "exact" or "intersect", not ${match}`);
    const nothing = mayFallBack ? { ...NOTHING, checkpoint: savePath, passedOver: [] } : NOTHING;
    if (this.#isEmpty) return match === "exact" && !mayFallBack ? undefined : nothing;
    if (savePath === undefined || savePath === null) throw new ValueError("Can't load save_path when it is None.");
    if (typeof savePath !== "string") throw new TypeError("Expected a string as savePath");
    const means = {
      access: () => this.#requireAccess(),
      storage: this.#storage,
      onWarning: this.#warn,
      reshape: this.#options.reshape ?? false,
      isEager: this.#options.eager !== undefined,
    };
    const restorer = new Restorer(session, means, match, { signal, onProgress });
    return mayFallBack ? restorer.restoreOrFallBack(savePath) : restorer.restore(savePath);
  }

  #requireAccess(): CheckpointAccess {
    if (this.#access === undefined) {
      throw new RuntimeError(
        this.#isBuilt
          ? "Building this saver has failed, and is not tried again: make another one"
          : "The saver is not built: call `build()` first",
      );
    }
    return this.#access;
  }

  // Checkpoints on disk

  /** Paths of the checkpoints that are kept, oldest first; a list of one's own. */
  get lastCheckpoints(): string[] {
    return this.#kept.paths;
  }

  /**
   * Sets {@link Saver.lastCheckpoints}. When they were saved is not known, so TensorFlow's policy never removes them.
   *
   * @throws `AssertionError` if `paths` is not an array.
   */
  setLastCheckpoints(paths: readonly string[]): void {
    this.#kept.set(recordsOfPaths(paths));
  }

  /**
   * Sets {@link Saver.lastCheckpoints} and when they were saved, in seconds since 1970.
   *
   * @throws `AssertionError` if `checkpoints` is not an array.
   */
  setLastCheckpointsWithTime(checkpoints: readonly (readonly [path: string, time: number])[]): void {
    this.#kept.set(recordsWithTime(checkpoints));
  }

  /**
   * Sets {@link Saver.lastCheckpoints} to those of `paths` that exist, as after a restart.
   *
   * @throws `AssertionError` if `paths` is not an array, such as a folder's name.
   */
  async recoverLastCheckpoints(paths: readonly string[]): Promise<void> {
    recordsOfPaths(paths);
    this.#kept.set(await recordsOfFiles(paths, this.#storage));
  }

  // The meta graph

  /**
   * The saver's graph with its collections and this saver as a message, written to `filename` if one is given.
   *
   * @throws as `exportMetaGraph`; `RuntimeError` for an eager saver.
   */
  async exportMetaGraph(options: SaverExportOptions = {}): Promise<MetaGraphDef> {
    requireKnown("Saver.exportMetaGraph", options, SAVER_EXPORT_OPTIONS);
    if (this.#options.eager !== undefined) {
      throw new RuntimeError("Exporting/importing meta graphs is not supported when eager execution is enabled.");
    }
    return this.#export(this.#graph, options);
  }

  async #export(graph: Graph, options: SaverExportOptions): Promise<MetaGraphDef> {
    const saverDef = this.asSaverDef();
    const [storage, onWarning] = [this.#storage, this.#warn];
    return exportMetaGraph({ ...options, graph, graphDef: graph.toGraphDef(true), saverDef, storage, onWarning });
  }
}

const { V2 } = SaverDef_CheckpointFormatVersion;

const V1_WARNING =
  "Saving a checkpoint in the V1 format, which TensorFlow has deprecated: it takes more memory and time to restore. " +
  "Leave out `writeVersion` for V2.";

/** What became of the names of a saver that has none. */
const NOTHING: RestoreReport = { restored: [], missing: [], mismatched: [], unused: [] };

/** Whether there is something to save, or something wrong that the builder will tell of. */
function isFilled(varList: SaverOptions["varList"]): boolean {
  if (varList === undefined) return false;
  if (Array.isArray(varList)) return varList.length > 0;
  if (varList instanceof Map || varList instanceof Set) return varList.size > 0;
  const isDictionary = typeof varList === "object" && Object.getPrototypeOf(varList) === Object.prototype;
  return !isDictionary || Object.keys(varList).length > 0;
}
