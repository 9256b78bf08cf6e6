import { STATE_FILENAME } from "@tfsaver/checkpoint-names";
import {
  asyncDispose,
  RuntimeError,
  requireKnown,
  requireString,
  ValueError,
  type WarningListener,
  warnOnConsole,
} from "@tfsaver/core";
import { type Graph, resolveGraph, type Session } from "@tfsaver/graph";
import { KeptCheckpoints, recordsOfFiles, recordsOfPaths, recordsWithTime } from "@tfsaver/kept-checkpoints";
import { stripSaverDef } from "@tfsaver/meta-graph";
import type { MetaGraphDef } from "@tfsaver/proto/meta-graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import { type KeptCheckpoint, type Ranking, tensorflowDefault } from "@tfsaver/retention";
import type { Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { buildEagerAccess, buildGraphAccess, isFilled } from "./access/build-access.js";
import type { CheckpointAccess } from "./access/checkpoint-access.js";
import type { MeasureOptions } from "./checkpoint-metrics.js";
import { liveRetention } from "./live-retention.js";
import { exportMetaGraph } from "./meta-graph/export-meta-graph.js";
import { requireComplete } from "./meta-graph/require-complete.js";
import { SAVE_OPTIONS, SAVER_EXPORT_OPTIONS, SAVER_OPTIONS, withoutNulls } from "./options/option-names.js";
import type {
  RestoreOptions,
  SaveAsyncOptions,
  SaveOptions,
  SaverExportOptions,
  SaverOptions,
} from "./options/saver-options.js";
import type { FallBackReport } from "./restore/fall-back.js";
import type { RestoreReport } from "./restore/match-checkpoint.js";
import { runRestore } from "./restore/run-restore.js";
import { beginSave } from "./save/begin-save.js";
import { type PendingSave, SaveQueue } from "./save/save-queue.js";

/**
 * Saves and restores variables (`tf.compat.v1.train.Saver`): adds the operations for this to a graph, runs them in a
 * session, numbers checkpoints, keeps the `checkpoint` file, and removes old checkpoints.
 *
 * @example
 * ```ts
 * import { Graph, Variable } from "@tfsaver/graph";
 * import { Saver } from "@tfsaver/saver";
 * import { LocalSession } from "@tfsaver/session-local";
 *
 * const graph = new Graph();
 * const weights = Variable.create([1, 2, 3], { graph, name: "weights" });
 * const saver = new Saver({ graph, maxToKeep: 3 });
 * const session = new LocalSession(graph);
 * await session.run(weights.initializer);
 * const path = await saver.save(session, "run/model", { globalStep: 100 }); // run/model-100
 * await saver.restore(session, path as string);
 * ```
 */
export class Saver {
  readonly #options: SaverOptions;
  readonly #graph: Graph;
  readonly #warn: WarningListener;
  readonly #kept: KeptCheckpoints;
  readonly #saves = new SaveQueue();
  #access: CheckpointAccess | undefined;
  #isBuilt = false;
  #isEmpty = false;

  /**
   * Adds the save and restore operations to the graph, unless `deferBuild` is set.
   *
   * @throws `ValueError` if there is nothing to save, names are not unique, `deferBuild` comes with a `varList`, or the
   * `saverDef` lacks a name; `TypeError` if the `varList` holds a value that can't be saved, or for an unknown option; with
   * `eager`, `RuntimeError` without a `varList` or with `sharded`.
   */
  constructor(given: SaverOptions = {}) {
    requireKnown("Saver", given, SAVER_OPTIONS);
    const options = withoutNulls(given, "maxToKeep", "keepCheckpointEveryNHours");
    if (options.deferBuild && isFilled(options.varList)) {
      throw new ValueError(
        "If `var_list` is provided then build cannot be deferred. Either set defer_build=False or var_list=None.",
      );
    }
    for (const name of ["name", "filename"] as const)
      if (options[name] !== undefined) requireString(options[name], name);
    this.#options = options;
    this.#graph = resolveGraph(options.graph);
    this.#warn = options.onWarning ?? warnOnConsole;
    this.#kept = new KeptCheckpoints(options, () => this.#storage, this.#warn);
    if (options.eager !== undefined) {
      const access = buildEagerAccess(options, options.eager);
      this.#isBuilt = true;
      this.#isEmpty = options.allowEmpty === true && access.hosts.size === 0;
      this.#useAccess(access);
    } else if (!options.deferBuild) this.build();
    else if (options.saverDef !== undefined) requireComplete(options.saverDef);
  }

  /** Returns a saver over the operations that a message names (`Saver.from_proto`). */
  static fromProto(saverDef: SaverDef, options: Omit<SaverOptions, "saverDef"> = {}): Saver {
    return new Saver({ ...options, saverDef });
  }

  /**
   * Adds the save and restore operations to the graph. Does nothing if that was done before.
   *
   * @throws as the constructor; `RuntimeError` for an eager saver.
   */
  build(): void {
    if (this.#options.eager !== undefined) throw new RuntimeError("Use save/restore instead of build in eager mode.");
    if (this.#isBuilt) return;
    this.#isBuilt = true;
    const access = buildGraphAccess(this.#options, this.#graph);
    if (access === undefined) this.#isEmpty = true;
    else this.#useAccess(access);
  }

  /** True if the save and restore operations are there: by the constructor, unless `deferBuild` is set, or {@link Saver.build}. */
  get isBuilt(): boolean {
    return this.#isBuilt;
  }

  /** True if the saver is built and has nothing to save, which `allowEmpty` allows. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Format of the checkpoints that the saver writes: 1 or 2. */
  get writeVersion(): number {
    const { saverDef, builder, writeVersion } = this.#options;
    return (this.#access?.saverDef ?? saverDef)?.version ?? builder?.writeVersion ?? writeVersion ?? 2;
  }

  #useAccess(access: CheckpointAccess): void {
    this.#access = access;
    const { retention } = this.#options;
    const policy = retention ?? tensorflowDefault(liveRetention(access.saverDef, this.#now()));
    this.#kept.use(policy, () => retention !== undefined || access.saverDef.maxToKeep !== 0);
  }

  /** Returns the time in seconds since 1970. */
  #now(): number {
    return (this.#options.clock ?? Date.now)() / 1000;
  }

  get #storage(): Storage {
    return this.#options.storage ?? defaultStorage();
  }

  /**
   * Returns the message that describes this saver: the live object. Undefined if the saver is empty or not built, or is an
   * eager one that has not saved or restored yet.
   */
  asSaverDef(): SaverDef | undefined {
    const saverDef = this.#access?.saverDef ?? this.#options.saverDef;
    const isUnused = this.#options.eager !== undefined && saverDef?.filenameTensorName === "";
    return this.#isEmpty || isUnused ? undefined : saverDef;
  }

  /**
   * Returns the message that describes this saver, without a name scope in its names (`Saver.to_proto`).
   *
   * @param exportScope - with a scope, the message is a copy; without, the live object
   * @returns undefined if a name does not begin with the scope, or as {@link Saver.asSaverDef}
   */
  toProto(exportScope?: string): SaverDef | undefined {
    const saverDef = this.asSaverDef();
    if (saverDef === undefined || exportScope === undefined) return saverDef;
    return stripSaverDef(saverDef, exportScope);
  }

  /**
   * Saves the variables of a session: writes the checkpoint, then the state file, removes the checkpoints that retention
   * does not keep, and writes the meta graph. The checkpoint holds the values of the moment of the call, whatever runs in the
   * session meanwhile; only a session on a server can't promise that. Of several saves under way, one begins when the one before
   * has ended.
   *
   * @param session - `null` for an eager saver, which writes no meta graph
   * @param savePath - path and first part of the checkpoint's file names
   * @returns the checkpoint's prefix, for {@link Saver.restore}; undefined if there is nothing to save
   * @throws `ValueError` for an impossible `latestFilename`, or if the parent folder does not exist; `TypeError` if
   * `session` is not a session; `FailedPreconditionError` for an uninitialized variable; `RuntimeError` if the saver is not
   * built, or if the written checkpoint can't be seen in the saver's storage; `AbortedError` if the lock of this path was
   * lost, `UnavailableError` after `lockTimeoutMs`; the storage's errors. If writing the checkpoint fails, the old state stands.
   */
  async save(session: Session | null, savePath: string, given: SaveOptions = {}): Promise<string | undefined> {
    requireKnown("Saver.save", given, SAVE_OPTIONS);
    return this.saveAsync(session, savePath, given).committed;
  }

  /**
   * Begins a save and returns at once, for a training loop that goes on meanwhile. It does what {@link Saver.save} does, in
   * two steps: after `staged`, the values may change; after `committed`, the checkpoint is durable and in the state file.
   * While a save is under way, the runs of a `LocalSession` let the event loop turn; any other loop must await more than
   * promises now and then, or nothing gets written.
   *
   * An error rejects `committed`. If nobody has used that promise, the next save or {@link Saver.close} throws the error.
   *
   * @throws as {@link Saver.save} for wrong arguments; `RuntimeError` if the saver is closed; the error of an earlier save,
   * if nobody has seen it. An aborted signal takes back this save alone.
   * @example
   * ```ts
   * import type { Session } from "@tfsaver/graph";
   * import type { Saver } from "@tfsaver/saver";
   *
   * export async function train(session: Session, saver: Saver, step: () => Promise<void>) {
   *   for (let i = 1; i <= 1000; i++) {
   *     await step();
   *     if (i % 100 === 0) await saver.saveAsync(session, "run/model", { globalStep: i }).staged;
   *   }
   *   await saver.close();
   * }
   * ```
   */
  saveAsync(session: Session | null, savePath: string, given: SaveAsyncOptions = {}): PendingSave {
    return beginSave(session, savePath, given, {
      ...this.#parts(),
      isBuilt: this.#isBuilt,
      saves: this.#saves,
      access: () => (this.#isEmpty ? undefined : this.#requireAccess()),
      kept: this.#kept,
      now: () => this.#now(),
      options: this.#options,
      saverDef: () => this.asSaverDef(),
    });
  }

  /**
   * Waits for the saves that are under way. Later ones are refused.
   *
   * @throws the error of a save, if nobody has seen it; an `AggregateError` if there are several.
   */
  close(): Promise<void> {
    return this.#saves.close();
  }

  /** Does what {@link Saver.close} does, at the end of an `await using` block. */
  [asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Restores the variables of a session, which need not be initialized. An object-based checkpoint
   * (`tf.train.Checkpoint`) is restored by the names that its variables had, with a warning, and with operations that are
   * added to the graph the first time.
   *
   * @param session - `null` for an eager saver
   * @param savePath - what {@link Saver.save} or `latestCheckpoint` returned; with `fallBack`, a folder stands for its
   * newest checkpoint that can be restored
   * @returns with `match: "intersect"`, which names were restored, missing, mismatched or unused; with `fallBack`, also
   * which checkpoint was restored
   * @throws `ValueError` if there is no such checkpoint; `NotFoundError` if it lacks a variable; `InvalidArgumentError`
   * if a variable has another dtype or shape (neither with `match: "intersect"`); `DataLossError` if the checkpoint is
   * damaged. If files are the cause, the message says what is wrong with them, and names the newest whole checkpoint of the
   * folder.
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
    return runRestore(session, savePath, options, {
      ...this.#parts(),
      isEmpty: this.#isEmpty,
      access: () => this.#requireAccess(),
      reshape: this.#options.reshape ?? false,
      scopes: this.#graph.scopes,
      isEager: this.#options.eager !== undefined,
    });
  }

  #parts() {
    const [storage, onWarning, { onMetrics }] = [this.#storage, this.#warn, this.#options];
    const started = performance.now();
    const measuring = (path: string, metaGraphSuffix?: string): MeasureOptions => {
      return { onMetrics, storage, onWarning, path, metaGraphSuffix, started };
    };
    return { storage, onWarning, measuring };
  }

  #requireAccess(): CheckpointAccess {
    if (this.#access === undefined) {
      throw new RuntimeError(
        this.#isBuilt
          ? "This saver could not be built, and is not built again: make another one"
          : "This saver is not built: call `build()` first",
      );
    }
    return this.#access;
  }

  /** Paths of the checkpoints that are kept, oldest first, as a new array. */
  get lastCheckpoints(): string[] {
    return this.#kept.paths;
  }

  /**
   * Sets {@link Saver.lastCheckpoints}. Their times are unknown, so TensorFlow's policy never removes them.
   *
   * @throws `AssertionError` if `paths` is not an array.
   */
  setLastCheckpoints(paths: readonly string[]): void {
    this.#kept.set(recordsOfPaths(paths));
  }

  /**
   * Sets {@link Saver.lastCheckpoints} with the times of their saves, in seconds since 1970.
   *
   * @throws `AssertionError` if `checkpoints` is not an array.
   */
  setLastCheckpointsWithTime(checkpoints: readonly (readonly [path: string, time: number])[]): void {
    this.#kept.set(recordsWithTime(checkpoints));
  }

  /**
   * Sets {@link Saver.lastCheckpoints} to those of `paths` that exist, for a restart.
   *
   * @throws `AssertionError` if `paths` is not an array, such as a folder's name.
   */
  async recoverLastCheckpoints(paths: readonly string[]): Promise<void> {
    recordsOfPaths(paths);
    this.#kept.set(await recordsOfFiles(paths, this.#storage));
  }

  /**
   * Takes over the checkpoints that the state file of a folder lists, with their steps and metrics, as far as they exist and
   * lie in that folder. Does nothing if the saver lists checkpoints already. The option `recover` does this in the first save.
   *
   * @throws the storage's errors: earlier checkpoints must not be forgotten because a storage can't be reached.
   */
  async recoverCheckpoints(directory: string, options: Pick<SaveOptions, "latestFilename"> = {}): Promise<void> {
    await this.#kept.recover(directory, options.latestFilename ?? STATE_FILENAME);
  }

  /** Takes checkpoints off the list, such as damaged ones, so that retention neither counts nor removes them. */
  forgetCheckpoints(paths: readonly string[]): void {
    this.#kept.forget(paths);
  }

  /** The checkpoints that are kept, with steps, times, metrics and the reason for each; oldest first. */
  get keptCheckpoints(): readonly KeptCheckpoint[] {
    return this.#kept.explained;
  }

  /** The metric by which the `retention` policy keeps the best checkpoints; undefined if it does not. */
  get ranking(): Ranking | undefined {
    return this.#options.retention?.ranking;
  }

  /**
   * Exports the saver's graph with its collections and this saver as a message. With `filename`, writes it to a file too.
   *
   * @throws as `exportMetaGraph`; `RuntimeError` for an eager saver.
   */
  async exportMetaGraph(options: SaverExportOptions = {}): Promise<MetaGraphDef> {
    requireKnown("Saver.exportMetaGraph", options, SAVER_EXPORT_OPTIONS);
    if (this.#options.eager !== undefined) {
      throw new RuntimeError("Exporting/importing meta graphs is not supported when eager execution is enabled.");
    }
    const graph = this.#graph;
    const [saverDef, storage, onWarning] = [this.asSaverDef(), this.#storage, this.#warn];
    return exportMetaGraph({ ...options, graph, graphDef: graph.toGraphDef(true), saverDef, storage, onWarning });
  }
}
