import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import {
  asyncDispose,
  DataLossError,
  RuntimeError,
  requireKnown,
  requireString,
  ValueError,
  type WarningListener,
  warnOnConsole,
} from "@tfsaver/core";
import type { Session } from "@tfsaver/graph";
import { bestFirst, type KeptCheckpoint } from "@tfsaver/retention";
import { basename, createDirectories, joinPath, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { BackgroundSaves } from "./background-saves.js";
import type { ManagedSaveOptions, ManagedSaver } from "./managed-saver.js";
import { measuredOnce } from "./metrics.js";
import {
  type CheckpointManagerOptions,
  MANAGER_OPTIONS,
  MAYBE_SAVE_OPTIONS,
  type ManagerSaveOptions,
  type MaybeSaveOptions,
  RESTORE_OPTIONS,
  type RestoreOrInitializeOptions,
  SAVE_OPTIONS,
  type SaveOutcome,
} from "./options.js";
import { SaveSchedule } from "./policies/save-schedule.js";
import { removeLeftovers } from "./restore/remove-leftovers.js";
import { type RestoredNewest, restoreNewest } from "./restore/restore-newest.js";
import { StopSignals } from "./stop-signals.js";

/** Default of `graceMs`. */
const GRACE_MS = 10_000;

/**
 * Saves in a training loop when it is time, and goes on after a crash (`tf.train.CheckpointManager`). Calls may overlap: they
 * are carried out one after another.
 *
 * @example
 * ```ts
 * import { CheckpointManager } from "@tfsaver/checkpoint-manager";
 * import { Graph, Variable } from "@tfsaver/graph";
 * import { Saver } from "@tfsaver/saver";
 * import { LocalSession } from "@tfsaver/session-local";
 *
 * const graph = new Graph();
 * const weights = Variable.create([1, 2, 3], { graph, name: "weights" });
 * const session = new LocalSession(graph);
 * const saver = new Saver({ graph, maxToKeep: 3 });
 * const manager = new CheckpointManager({ saver, session, directory: "run", every: { steps: 100 } });
 *
 * const start = await manager.restoreOrInitialize({ init: () => session.run(weights.initializer) });
 * for (let step = start.step + 1; step <= 1000; step++) {
 *   // … one training step …
 *   const { stop } = await manager.maybeSave(step);
 *   if (stop) break;
 * }
 * await manager.close();
 * ```
 */
export class CheckpointManager {
  /** Folder of the checkpoints. */
  readonly directory: string;
  readonly #saver: ManagedSaver;
  readonly #session: Session | null;
  readonly #prefix: string;
  readonly #schedule: SaveSchedule;
  readonly #writeMetaGraph: boolean;
  readonly #storage: Storage;
  readonly #warn: WarningListener;
  readonly #signals: StopSignals | undefined;
  readonly #background = new BackgroundSaves();
  /** Begins a save in the background; undefined if the loop waits for its saves. */
  readonly #begin: ManagedSaver["saveAsync"];
  /** The step whose values are on disk, or on their way: saved last, or restored. */
  #savedStep: number | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #isRecovered = false;
  #isClosed = false;

  /**
   * Touches no file. With `onSignal`, takes over these signals until {@link CheckpointManager.close}.
   *
   * @throws `TypeError` if an option is unknown, `directory` is not a string, `prefix` is not a name, `every` has neither steps
   * nor seconds, the saver can't save in the background, or the process has no such signal; `ValueError` for an interval or a `graceMs` out of range.
   */
  constructor(options: CheckpointManagerOptions) {
    requireKnown("CheckpointManager", options, MANAGER_OPTIONS);
    const { session, directory, prefix = "model.ckpt", graceMs = GRACE_MS, onSignal = [] } = options;
    const saver = "managed" in options.saver ? options.saver.managed() : options.saver;
    requireString(directory, "directory");
    requireString(prefix, "prefix");
    if (prefix === "" || basename(prefix) !== prefix) {
      throw new TypeError(`prefix must be a name without a folder, which is the directory, not '${prefix}'`);
    }
    if (options.async && saver.saveAsync === undefined) {
      throw new TypeError("This saver can't save in the background: it has no saveAsync, which the option async needs");
    }
    if (!(graceMs >= 0)) throw new ValueError(`graceMs must be at least 0, not ${graceMs}`);
    this.#saver = saver;
    this.#session = session;
    this.directory = directory;
    this.#prefix = prefix;
    this.#begin = options.async ? saver.saveAsync?.bind(saver) : undefined;
    this.#writeMetaGraph = options.writeMetaGraph ?? true;
    this.#storage = options.storage ?? defaultStorage();
    this.#warn = options.onWarning ?? warnOnConsole;
    this.#schedule = new SaveSchedule({
      ...{ every: options.every, clock: options.clock ?? Date.now },
      ...{ directory, storage: this.#storage, onWarning: this.#warn },
    });
    const underWay = () => this.#background.settled();
    this.#signals = onSignal.length === 0 ? undefined : new StopSignals(onSignal, { graceMs, underWay }, this.#warn);
  }

  /**
   * Restores the newest checkpoint that can be restored: the one that the state file names as the latest, then the others of
   * the folder, newest first. Passes over damaged and incomplete checkpoints only, with a warning; their files stay. If there
   * is no checkpoint, calls `init`. Then removes what interrupted saves left in the folder.
   *
   * @returns what the run goes on from, and what was passed over. Without a checkpoint, `path` is undefined and `step` is 0.
   * @throws `DataLossError` if all checkpoints are damaged, unless `onAllDamaged` is `init`; the errors of the saver if names
   * or shapes do not fit; the storage's errors if it can't be reached or read.
   */
  restoreOrInitialize(options: RestoreOrInitializeOptions = {}): Promise<RestoredNewest> {
    const { init, onAllDamaged = "reject", signal, onProgress } = options;
    return this.#inTurn(async () => {
      requireKnown("restoreOrInitialize", options, RESTORE_OPTIONS);
      if (onAllDamaged !== "reject" && onAllDamaged !== "init") {
        throw new TypeError(`onAllDamaged must be "reject" or "init", not ${onAllDamaged}`);
      }
      await this.#background.settled();
      await this.#recover();
      const restored = await restoreNewest(this.#parts, { signal, onProgress });
      const { path, step, passedOver } = restored;
      if (path === undefined) {
        if (passedOver.length > 0) this.#allDamaged(passedOver, onAllDamaged);
        await init?.();
      }
      await removeLeftovers(this.directory, this.#storage, this.#warn);
      this.#schedule.startAt(step);
      this.#savedStep = path === undefined ? undefined : step;
      return restored;
    });
  }

  /**
   * Saves if it is time: if the policy says so, at the last step, or after a signal. Call it at the end of each step.
   *
   * @param step - number of the step, an integer from 0 to 2^53 - 1
   * @returns what was done, and why; with `stop: true` the loop must end, and the checkpoint of this step is durable
   * @throws as {@link CheckpointManager.save}
   */
  maybeSave(step: number, options: MaybeSaveOptions = {}): Promise<SaveOutcome> {
    return this.#atStepEnd(
      async () => {
        requireStep(step);
        requireKnown("maybeSave", options, MAYBE_SAVE_OPTIONS);
        this.#background.throwUnseen();
        await this.#recover();
        const signal = this.#signals?.received;
        const end = signal === undefined ? options.isLast && "it is the last step" : `${signal} was received`;
        const outcome = await (end ? this.#saveAtEnd(end, step, options) : this.#saveIfDue(step, options));
        const mayStop = outcome.saved || signal !== undefined;
        if (!mayStop || this.#signals?.received === undefined) return outcome;
        await this.#endOfSaves();
        return { ...outcome, stop: true };
      },
      (outcome: SaveOutcome) => outcome.stop === true,
    );
  }

  /**
   * Saves, whatever the policy says. Waits until the checkpoint is durable.
   *
   * @param step - number of the step, an integer from 0 to 2^53 - 1
   * @returns the checkpoint's prefix; undefined if the saver has nothing to save
   * @throws `TypeError` if `step` is not such a number; `RuntimeError` after {@link CheckpointManager.close}; the errors of
   * the saver; the error of an earlier save in the background, if nobody has seen it.
   */
  save(step: number, options: ManagerSaveOptions = {}): Promise<string | undefined> {
    return this.#atStepEnd(
      async () => {
        requireStep(step);
        requireKnown("CheckpointManager.save", options, SAVE_OPTIONS);
        this.#background.throwUnseen();
        await this.#recover();
        return this.#save(step, options);
      },
      () => false,
    );
  }

  /**
   * The newest checkpoint that the state file of the folder names (`latest_checkpoint`). Undefined if there is none.
   *
   * @throws the storage's errors; as `getCheckpointState` if the state file is damaged.
   */
  get latest(): Promise<string | undefined> {
    return latestCheckpoint(this.directory, { storage: this.#storage, findMoved: true, onWarning: this.#warn });
  }

  /**
   * Returns the best checkpoint that is kept, by the metric of the saver's `keepBest`; of equal ones the newer. Earlier runs
   * count. Undefined if no checkpoint has the metric.
   *
   * @throws `RuntimeError` if the saver does not keep the best; the storage's errors.
   */
  async best(): Promise<KeptCheckpoint | undefined> {
    const { ranking } = this.#saver;
    if (ranking === undefined) {
      throw new RuntimeError(
        'The saver does not keep the best: pass it a retention, as keepBest({ metric: "loss", n: 1, mode: "min" })',
      );
    }
    return bestFirst(await this.list(), ranking)[0];
  }

  /**
   * Returns the checkpoints that are kept, with steps, times, metrics and the reason for each; oldest first. Those of earlier
   * runs are among them.
   *
   * @throws the storage's errors.
   */
  list(): Promise<readonly KeptCheckpoint[]> {
    return this.#inTurn(async () => {
      await this.#recover();
      return this.#saver.keptCheckpoints;
    });
  }

  /**
   * Waits for what is under way, and lets signals end the process again. Closing again does nothing.
   *
   * @throws the error of a save in the background, if nobody has seen it; an `AggregateError` if there are several.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn;
    try {
      await this.#endOfSaves();
    } finally {
      this.#signals?.close();
    }
  }

  /** Same as {@link CheckpointManager.close}, for `await using`. */
  [asyncDispose](): Promise<void> {
    return this.close();
  }

  get #parts() {
    const [saver, session, directory, prefix] = [this.#saver, this.#session, this.directory, this.#prefix];
    return { saver, session, directory, prefix, storage: this.#storage, onWarning: this.#warn };
  }

  /** Carries out one call after another. */
  #inTurn<T>(call: () => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(new RuntimeError("This manager is closed: make another one"));
    const result = this.#turn.then(call);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #atStepEnd<T>(finish: () => Promise<T>, isEnd: (result: T) => boolean): Promise<T> {
    return this.#inTurn(() => this.#signals?.during(finish, isEnd) ?? finish());
  }

  /** Takes over the checkpoints of earlier runs, once. */
  async #recover(): Promise<void> {
    if (this.#isRecovered) return;
    await this.#saver.recoverCheckpoints(this.directory);
    this.#isRecovered = true;
  }

  #allDamaged(passedOver: RestoredNewest["passedOver"], onAllDamaged: "reject" | "init"): void {
    const reasons = passedOver.map(({ path, reason }) => `${path}: ${reason}`).join("\n");
    if (onAllDamaged === "init") {
      this.#warn(`ALL CHECKPOINTS OF ${this.directory} ARE DAMAGED: the training begins anew.\n${reasons}`);
      return;
    }
    throw new DataLossError(
      `All checkpoints of ${this.directory} are damaged: restore them from a copy, or pass onAllDamaged: "init" to begin ` +
        `anew.\n${reasons}`,
      { path: this.directory },
    );
  }

  async #saveIfDue(step: number, options: ManagerSaveOptions): Promise<SaveOutcome> {
    const measure = measuredOnce(options.metrics);
    const isMeasured = this.#schedule.readsMetrics || typeof options.metrics !== "function";
    const metrics = isMeasured ? await measure() : {};
    const checkpoints = [...this.#saver.keptCheckpoints, ...this.#background.records];
    const { save, reason } = await this.#schedule.decide({ step, metrics, checkpoints });
    return save ? this.#saveBecause(reason, step, { ...options, metrics: measure }) : { saved: false, reason };
  }

  async #saveAtEnd(reason: string, step: number, options: ManagerSaveOptions): Promise<SaveOutcome> {
    if (step !== this.#savedStep) return this.#saveBecause(reason, step, options);
    return { saved: false, reason: `${reason}, and step ${step} is saved already` };
  }

  async #saveBecause(reason: string, step: number, options: ManagerSaveOptions): Promise<SaveOutcome> {
    if (this.#begin !== undefined) return { saved: true, reason, ...(await this.#stage(this.#begin, step, options)) };
    const path = await this.#save(step, options);
    if (path === undefined) return { saved: false, reason: "the saver has nothing to save" };
    return { saved: true, path, reason };
  }

  async #save(step: number, given: ManagerSaveOptions): Promise<string | undefined> {
    const { path, options } = await this.#prepare(step, given);
    const saved = await this.#saver.save(this.#session, path, options);
    await this.#noteSaved(step);
    return saved;
  }

  /** Saves in the background, and returns when the values are taken. */
  async #stage(
    begin: NonNullable<ManagedSaver["saveAsync"]>,
    step: number,
    given: ManagerSaveOptions,
  ): Promise<Required<Pick<SaveOutcome, "committed">>> {
    const { path, options } = await this.#prepare(step, given);
    const { staged, committed } = begin(this.#session, path, options);
    // If the values can't be taken, both promises reject.
    committed.catch(() => undefined);
    await staged;
    const before = this.#schedule.since;
    await this.#noteSaved(step);
    const record = { path: `${path}-${step}`, step, time: this.#schedule.since.time, metrics: options.metrics };
    const onFailure = () => {
      if (this.#savedStep !== step) return;
      this.#savedStep = undefined;
      this.#schedule.countFrom(before);
    };
    return { committed: this.#background.add({ committed, record, signal: given.signal, onFailure }) };
  }

  async #prepare(
    step: number,
    { metrics, signal, onProgress }: ManagerSaveOptions,
  ): Promise<{ readonly path: string; readonly options: ManagedSaveOptions }> {
    const measured = await measuredOnce(metrics)();
    await createDirectories(this.#storage, this.directory);
    const path = joinPath(this.directory, this.#prefix);
    const writeMetaGraph = this.#writeMetaGraph;
    return { path, options: { globalStep: step, metrics: measured, writeMetaGraph, signal, onProgress } };
  }

  async #noteSaved(step: number): Promise<void> {
    await this.#schedule.saved(step);
    this.#savedStep = step;
  }

  /** Waits for the saves in the background, and throws errors that nobody has seen. */
  async #endOfSaves(): Promise<void> {
    await this.#background.settled();
    this.#background.throwUnseen();
  }
}

/** @throws `TypeError` unless `step` is an integer that a path can hold. */
function requireStep(step: number): void {
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new TypeError(`step must be an integer from 0 to 2^53 - 1, not ${String(step)}`);
  }
}
