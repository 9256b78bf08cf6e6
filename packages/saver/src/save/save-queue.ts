import { BackgroundErrors, ObservedPromise, RuntimeError, unlessAborted } from "@tfsaver/core";

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

/** The saves of a saver that are under way. They begin, and become visible, in the order of their calls. */
export class SaveQueue {
  /** Those that have not ended, each as a promise that resolves when it has. */
  readonly #pending = new Set<Promise<void>>();
  #lastLocked = Promise.resolve();
  #lastEnded = Promise.resolve();
  readonly #errors = new BackgroundErrors("saves");
  #isClosed = false;

  /** Number of saves that are under way, or wait for that. */
  get size(): number {
    return this.#pending.size;
  }

  /** @throws `RuntimeError` if the saver is closed; the error of an earlier save, if nobody has seen it. */
  requireOpen(): void {
    this.#errors.throwUnseen();
    if (this.#isClosed) throw new RuntimeError("This saver is closed: make another one to save");
  }

  /** Adds a save, which begins when fewer than `maxPending` of the earlier ones are under way. */
  add(save: StagedSave, maxPending: number): PendingSave {
    const { signal } = save;
    const begun = Promise.all([save.taken, unlessAborted(this.#roomFor(maxPending), signal)]);
    let hasBegun = false;
    const { promise: isLocked, resolve: locked } = deferred();
    const turn = this.#nextTurn(locked, signal);
    const run = begun
      .then(() => {
        hasBegun = true;
        return save.commit(turn);
      })
      .finally(() => save.release());
    const staged = ObservedPromise.of(begun.then(() => ({ skipped: false })));
    const committed = ObservedPromise.of(run);
    // Both promises reject with the error of a save that has not begun.
    const isObserved = () => committed.isObserved || (!hasBegun && staged.isObserved);
    const ended = run.then(
      () => undefined,
      (error: unknown) => this.#errors.add(error, isObserved, signal),
    );
    this.#lastLocked = bothDone(this.#lastLocked, Promise.race([isLocked, ended]));
    this.#lastEnded = bothDone(this.#lastEnded, ended);
    this.#pending.add(ended);
    ended.then(() => this.#pending.delete(ended));
    return { staged, committed };
  }

  /**
   * Waits until all saves have ended. Later ones are refused.
   *
   * @throws the error of a save, if nobody has seen it; an `AggregateError` if there are several.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#pending);
    this.#errors.throwUnseen();
  }

  #nextTurn(locked: () => void, signal: AbortSignal | undefined): Turn {
    const [earlierLocked, earlierEnded] = [this.#lastLocked, this.#lastEnded];
    return {
      toLock: () => unlessAborted(earlierLocked, signal),
      locked,
      toCommit: () => unlessAborted(earlierEnded, signal),
      earlierEnded,
    };
  }

  async #roomFor(maxPending: number): Promise<void> {
    const earlier = new Set(this.#pending);
    for (const save of earlier) save.then(() => earlier.delete(save));
    while (earlier.size >= maxPending) await Promise.race(earlier);
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
