import { updateCheckpointState } from "@tfsaver/checkpoint-state";
import {
  type OperationOptions,
  RuntimeError,
  requireString,
  throwIfAborted,
  type WarningListener,
  warnOnConsole,
} from "@tfsaver/core";
import type { Graph, Session } from "@tfsaver/graph";
import type { HostVariable, Trackable } from "@tfsaver/saver-builders";
import { dirname, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { CheckpointRoot } from "./objects/checkpoint-root.js";
import { encodeObjectGraph } from "./objects/encode-object-graph.js";
import { isHostValue } from "./objects/saved-attributes.js";
import { walkObjects } from "./objects/walk-objects.js";
import {
  type CheckpointCallOptions,
  type CheckpointOptions,
  requireCallOptions,
  requireCheckpointOptions,
} from "./options.js";
import type { ActiveLoad } from "./restore/active-load.js";
import { explainNotFound, prefixOf, prefixOrSavedModel } from "./restore/find-checkpoint.js";
import { Load } from "./restore/load.js";
import type { NameBasedLoad } from "./restore/name-based-load.js";
import { Restores } from "./restore/restores.js";
import { updateUidOf } from "./restore/update-uids.js";
import { type BegunSave, ManagedCheckpoint, type ManagedCheckpointOptions } from "./save/managed-checkpoint.js";
import { SaveTurns } from "./save/save-turns.js";
import { writeCheckpoint } from "./save/write-checkpoint.js";
import { CheckpointLoadStatus } from "./status/checkpoint-load-status.js";
import { InitializationOnlyStatus } from "./status/initialization-only-status.js";
import type { LoadStatus } from "./status/load-status.js";
import { NameBasedSaverStatus } from "./status/name-based-saver-status.js";
import { GraphValues } from "./values/graph-values.js";
import { HostWriter } from "./values/host-writer.js";
import type { TakenValues } from "./values/taken-values.js";
import { ValueCache } from "./values/value-cache.js";

const NAME_BASED_WARNING =
  "Restoring a name-based tf.train.Saver checkpoint using the object-based restore API. This mode uses global names to match " +
  "variables, and so is somewhat fragile. Prefer re-encoding training checkpoints in the object-based format: save() them " +
  "once with this Checkpoint.";

/**
 * Saves and restores the values below some objects (`tf.train.Checkpoint`), with the names of the edges that lead to them.
 *
 * These are objects of the graph: variables (`Variable`, `HostVariable`), saveables (`HostSaveable`, `SaveableObject`), any
 * `Trackable`, arrays, `Map`s with strings as keys, and plain objects. The children of an array, a map or a plain object are
 * its items, or own enumerable properties, that are objects of the graph; anything else in them, such as numbers and
 * functions, is left out. An array of numbers is an object without children. Objects may be shared, and lead in circles.
 *
 * The objects are looked at anew by each save, restore and assertion.
 *
 * @example
 * ```ts
 * import { Checkpoint } from "@tfsaver/object-checkpoint";
 * import { HostVariable } from "@tfsaver/saver-builders";
 *
 * const step = new HostVariable(0n, { name: "step" });
 * const layers = [{ kernel: new HostVariable([[1, 2]], { name: "kernel" }), units: 2 }];
 * const checkpoint = new Checkpoint({ step, model: { layers } });
 * const path = await checkpoint.save("run/ckpt"); // run/ckpt-1
 * (await checkpoint.restore(path)).assertConsumed();
 * ```
 */
export class Checkpoint implements Trackable {
  readonly #root: CheckpointRoot;
  readonly #session: Session | undefined;
  readonly #storage: Storage;
  readonly #warn: WarningListener;
  readonly #lockTimeoutMs: number | undefined;
  readonly #restores: Restores;
  readonly #cache = new ValueCache();
  readonly #graphs = new WeakMap<Graph, GraphValues>();
  readonly #hostWriter: HostWriter;
  readonly #turns = new SaveTurns();

  /**
   * @param children - the objects to save, by name. Their edges are sorted by name
   * @throws `ValueError` if an object is not trackable, is named `save_counter`, or has the name of another child of
   * `options.root`; `TypeError` for an unknown option.
   */
  constructor(children: Readonly<Record<string, unknown>> = {}, options: CheckpointOptions = {}) {
    requireCheckpointOptions(options);
    const { root, session, storage = defaultStorage(), lockTimeoutMs, onWarning = warnOnConsole } = options;
    this.#root = new CheckpointRoot(this, children, root);
    this.#session = session;
    this.#storage = storage;
    this.#warn = onWarning;
    this.#lockTimeoutMs = lockTimeoutMs;
    this.#hostWriter = new HostWriter(storage);
    this.#restores = new Restores({
      ...{ storage, session, cache: this.#cache },
      view: () => this.#root.view,
      valuesOf: (graph) => this.#valuesOf(graph),
    });
  }

  /** The number of saves, an int64 scalar. It is made when it is first used, and then saved with the other objects. */
  get saveCounter(): HostVariable {
    return this.#root.counter;
  }

  /**
   * Adds objects to save, or replaces those of the same names, and gives them the values that earlier restores have for them.
   * Without an argument, does so for objects that were added elsewhere, such as to an array. The values are there after
   * `await status.settled()`.
   *
   * @throws as the constructor.
   */
  track(children: Readonly<Record<string, unknown>> = {}): void {
    for (const [name, object] of Object.entries(children)) this.#root.add(name, object);
    this.#restores.matchAgain();
  }

  /**
   * Counts the save, writes the checkpoint `<filePrefix>-<number>`, and the state file, which then names this checkpoint alone
   * (`tf.train.Checkpoint.save`). The values are those of the moment of the call. Removes no older checkpoint.
   *
   * @param filePrefix - path and first part of the checkpoint's file names. Missing folders are created
   * @returns the checkpoint's prefix
   * @throws `RuntimeError` if a variable is in a graph and there is no session; `FailedPreconditionError` if restored values are
   * not in place yet, or a variable is not initialized; `InvalidArgumentError` for a value that is no valid tensor; `AbortedError` if the lock of the path was lost;
   * `CancelledError`; the storage's errors. The counter stays incremented, as in TensorFlow, and the old state stands.
   */
  async save(filePrefix: string, options: CheckpointCallOptions = {}): Promise<string> {
    requireString(filePrefix, "filePrefix");
    requireCallOptions("Checkpoint.save", options);
    this.#requireCountable(options);
    const storage = this.#storage;
    const write = this.#begin(`${filePrefix}-${this.#count()}`, options, (saved) =>
      updateCheckpointState(dirname(saved), saved, {
        ...{ allModelCheckpointPaths: [saved], saveRelativePaths: true, storage },
      }),
    );
    return write.committed;
  }

  /**
   * Writes the checkpoint `filePrefix`, and no state file (`tf.train.Checkpoint.write`). Counts nothing.
   *
   * @returns `filePrefix`
   * @throws as {@link Checkpoint.save}.
   */
  async write(filePrefix: string, options: CheckpointCallOptions = {}): Promise<string> {
    requireString(filePrefix, "filePrefix");
    requireCallOptions("Checkpoint.write", options);
    this.#requireSettled(options);
    return this.#begin(filePrefix, options).committed;
  }

  /**
   * Restores a checkpoint that {@link Checkpoint.save} has written (`tf.train.Checkpoint.restore`). Objects are matched by the names of
   * edges. Values without an object stay in the checkpoint until an object is added ({@link Checkpoint.track}). A checkpoint
   * without object graph is read by the names of variables, with a warning.
   *
   * Unlike in TensorFlow, all values are checked before the first one changes.
   *
   * @param savePath - a prefix, a file of a checkpoint, or the folder of a SavedModel; `undefined` or `null`, such as from
   * `latestCheckpoint`, for none
   * @throws `NotFoundError` if there is no such checkpoint, or it lacks a value; `ValueError` for another shape,
   * `InvalidArgumentError` for another dtype; `DataLossError` if the checkpoint is damaged. No value has changed then.
   */
  async restore(savePath: string | null | undefined, options: CheckpointCallOptions = {}): Promise<LoadStatus> {
    requireCallOptions("Checkpoint.restore", options);
    const { hasCounter } = this.#root;
    const { counter } = this.#root;
    try {
      return await this.#load(savePath, options, prefixOrSavedModel, counter);
    } catch (error) {
      // Another restore may have given it a value, or be about to.
      const isUnused = updateUidOf(counter) === 0 && !this.#restores.isBeginning;
      if (!hasCounter && isUnused) this.#root.removeCounter();
      throw explainNotFound(error, String(savePath));
    }
  }

  /**
   * Reads a checkpoint that {@link Checkpoint.write} has written (`tf.train.Checkpoint.read`): as {@link Checkpoint.restore}, but it
   * makes no counter, and takes no folder.
   *
   * @throws as {@link Checkpoint.restore}.
   */
  async read(savePath: string | null | undefined, options: CheckpointCallOptions = {}): Promise<LoadStatus> {
    requireCallOptions("Checkpoint.read", options);
    return this.#load(savePath, options, prefixOf);
  }

  /**
   * Returns the saver for a `CheckpointManager`: it numbers the checkpoints by steps, and keeps some of them. Each save counts
   * as one of {@link Checkpoint.saveCounter} too.
   *
   * @throws `TypeError` for an unknown option.
   * @example
   * ```ts
   * import { CheckpointManager } from "@tfsaver/checkpoint-manager";
   * import { Checkpoint } from "@tfsaver/object-checkpoint";
   * import { HostVariable } from "@tfsaver/saver-builders";
   *
   * const checkpoint = new Checkpoint({ weights: new HostVariable([1, 2], { name: "weights" }) });
   * const saver = checkpoint.managed({ maxToKeep: 3 });
   * const manager = new CheckpointManager({ saver, session: null, directory: "run", every: { steps: 100 } });
   * await manager.restoreOrInitialize();
   * ```
   */
  managed(options: ManagedCheckpointOptions = {}): ManagedCheckpoint {
    const parts = {
      ...{ storage: this.#storage, onWarning: this.#warn },
      begin: (
        path: string,
        session: Session | undefined,
        { signal, onProgress }: OperationOptions,
        onWritten: (saved: string) => Promise<void>,
      ) => {
        this.#requireCountable({ signal });
        this.#count();
        return this.#begin(path, { session, signal, onProgress }, onWritten);
      },
      restore: (path: string, session: Session | undefined, { signal, onProgress }: OperationOptions) =>
        this.restore(path, { session, signal, onProgress }),
    };
    return new ManagedCheckpoint(parts, options);
  }

  /** A checkpoint has no values of its own. */
  gatherSaveablesForCheckpoint(): Readonly<Record<string, never>> {
    return {};
  }

  /** Returns the objects that were given or added, by name. */
  trackableChildren(): ReadonlyMap<string, object> {
    return this.#root.children;
  }

  #requireSettled({ signal }: OperationOptions): void {
    throwIfAborted(signal);
    this.#restores.matchAgain();
    this.#restores.requireSettled();
  }

  /** Makes the counter, for which a checkpoint that was read may have a value. */
  #requireCountable(options: OperationOptions): void {
    void this.#root.counter;
    this.#requireSettled(options);
  }

  /** Counts a save. */
  #count(): bigint {
    const { counter } = this.#root;
    const number = BigInt(counter.value.data[0] as bigint) + 1n;
    counter.assign(number);
    return number;
  }

  #begin(path: string, options: CheckpointCallOptions, onWritten?: (saved: string) => Promise<void>): BegunSave {
    const { signal, onProgress } = options;
    const taken = this.#take(path, options.session ?? this.#session);
    const [storage, onWarning, lockTimeoutMs] = [this.#storage, this.#warn, this.#lockTimeoutMs];
    const write = { storage, onWarning, lockTimeoutMs, onWritten, signal, onProgress };
    const committed = this.#turns.next(signal, () => writeCheckpoint(path, taken, write));
    return { staged: taken.ready, committed: committed.finally(() => taken.release()) };
  }

  /** Takes the values of this moment. */
  #take(path: string, session: Session | undefined): TakenValues {
    const { bytes, attributes } = encodeObjectGraph(walkObjects(this.#root.view));
    const values = attributes.map(({ object, attribute, key }) => this.#cache.valueOf(object, attribute, key));
    const hosts = values.filter(isHostValue);
    if (hosts.length === values.length) return this.#hostWriter.take(hosts, bytes);
    if (session !== undefined) return this.#valuesOf(session.graph).take(values, bytes, session);
    throw new RuntimeError(
      `Unable to save checkpoint to "${path}" in graph mode without a default session. Pass the session of the variables.`,
    );
  }

  async #load(
    savePath: string | null | undefined,
    { session, signal, onProgress }: CheckpointCallOptions,
    resolve: (path: string, storage: Storage) => Promise<string>,
    counter?: HostVariable,
  ): Promise<LoadStatus> {
    const view = () => this.#root.view;
    if (savePath === undefined || savePath === null)
      return new InitializationOnlyStatus(view, session ?? this.#session);
    requireString(savePath, "savePath");
    throwIfAborted(signal);
    const load = await this.#restores.begin(resolve(savePath, this.#storage), session, { signal, onProgress });
    if (isObjectBased(load)) return new CheckpointLoadStatus(load, this.#restores, view);
    this.#warn(NAME_BASED_WARNING);
    return new NameBasedSaverStatus(load, this.#restores, counter);
  }

  #valuesOf(graph: Graph): GraphValues {
    const known = this.#graphs.get(graph) ?? new GraphValues(graph);
    this.#graphs.set(graph, known);
    return known;
  }
}

function isObjectBased(load: ActiveLoad<Load> | ActiveLoad<NameBasedLoad>): load is ActiveLoad<Load> {
  return load.matching instanceof Load;
}
