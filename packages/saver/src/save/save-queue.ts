import { isCheckpointError, ObservedPromise, RuntimeError, unlessAborted } from "@tfsaver/core";

/** The place of a save among those of its saver. */
export interface Turn {
  /**
   * Waits until the earlier saves have locked their paths. In another order, two saves of one path could wait for each other
   * forever: one for the lock, the other one for its turn.
   */
  toLock(): Promise<void>;
  /** Tells that the path is locked. */
  locked(): void;
  /** Waits until the earlier saves have ended, as far as the save is not cancelled. */
  toCommit(): Promise<void>;
  /** Resolves when the earlier saves have ended. */
  readonly earlierEnded: Promise<void>;
}

/** A save that takes its values, or has taken them. */
export interface StagedSave {
  /** Settles when all values are taken. */
  readonly taken: Promise<void>;
  readonly signal: AbortSignal | undefined;
  /** Writes the checkpoint, and returns its prefix. */
  commit(turn: Turn): Promise<string | undefined>;
  /** Lets go of the values. */
  release(): void;
}

/** A save in the background: see `Saver.saveAsync`. */
export interface PendingSave {
  /**
   * Resolves when the values are taken and the save has begun: from then on, they may change, in place too. Resolves to
   * `skipped: true` if there will be no checkpoint.
   */
  readonly staged: Promise<{ readonly skipped: boolean }>;
  /**
   * Resolves to the checkpoint's prefix, once it is durable and in the state file; to undefined if there is nothing to save, or
   * the save is skipped.
   */
  readonly committed: Promise<string | undefined>;
}

/** A failed save. */
interface Failure {
  readonly error: unknown;
  readonly isObserved: () => boolean;
}

/** The saves of a saver that are under way. They begin, and become visible, in the order of their calls. */
export class SaveQueue {
  /** Those that have not ended, each as a promise that resolves when it has. */
  readonly #pending = new Set<Promise<void>>();
  #lastLocked = Promise.resolve();
  #lastEnded = Promise.resolve();
  #failures: Failure[] = [];
  #isClosed = false;

  /** Number of saves that are under way, or wait for that. */
  get size(): number {
    return this.#pending.size;
  }

  /** @throws `RuntimeError` if the saver is closed; the error of an earlier save, if nobody has looked at its outcome. */
  requireOpen(): void {
    this.#throwFailures();
    if (this.#isClosed) throw new RuntimeError("This saver is closed: make another one to save");
  }

  /** Adds a save, which begins when fewer than `maxPending` of the earlier ones are under way. */
  add(save: StagedSave, maxPending: number): PendingSave {
    const begun = Promise.all([save.taken, unlessAborted(this.#roomFor(maxPending), save.signal)]);
    const run = this.#run(save, begun);
    const staged = ObservedPromise.of(begun.then(() => ({ skipped: false })));
    const committed = ObservedPromise.of(run);
    let hasBegun = false;
    begun.then(
      () => {
        hasBegun = true;
      },
      () => undefined,
    );
    const ended = run.then(
      () => undefined,
      (error: unknown) => {
        // Whoever cancels a save knows that it fails.
        if (save.signal?.aborted && isCheckpointError(error, "CancelledError")) return;
        this.#failures.push({ error, isObserved: () => committed.isObserved || (!hasBegun && staged.isObserved) });
      },
    );
    this.#pending.add(ended);
    ended.then(() => this.#pending.delete(ended));
    return { staged, committed };
  }

  /**
   * Waits until all saves have ended. Later ones are refused.
   *
   * @throws the error of a save, if nobody has looked at its outcome.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#pending);
    this.#throwFailures();
  }

  #run(save: StagedSave, begun: Promise<unknown>): Promise<string | undefined> {
    const [earlierLocked, earlierEnded] = [this.#lastLocked, this.#lastEnded];
    const { promise: isLocked, resolve: locked } = deferred();
    const turn: Turn = {
      toLock: () => unlessAborted(earlierLocked, save.signal),
      locked,
      toCommit: () => unlessAborted(earlierEnded, save.signal),
      earlierEnded,
    };
    const run = begun.then(() => save.commit(turn)).finally(() => save.release());
    const ended = run.then(
      () => undefined,
      () => undefined,
    );
    this.#lastLocked = bothDone(earlierLocked, Promise.race([isLocked, ended]));
    this.#lastEnded = bothDone(earlierEnded, ended);
    return run;
  }

  async #roomFor(maxPending: number): Promise<void> {
    const earlier = new Set(this.#pending);
    for (const save of earlier) save.then(() => earlier.delete(save));
    while (earlier.size >= maxPending) await Promise.race(earlier);
  }

  #throwFailures(): void {
    const errors = this.#failures.filter(({ isObserved }) => !isObserved()).map(({ error }) => error);
    this.#failures = [];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} saves failed: ${errors.join("; ")}`);
    if (errors.length === 1) throw errors[0];
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

async function bothDone(one: Promise<void>, other: Promise<void>): Promise<void> {
  await one;
  await other;
}
