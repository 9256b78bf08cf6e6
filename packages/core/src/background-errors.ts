import { isCheckpointError } from "./errors.js";

/** An error of work in the background. */
interface BackgroundError {
  readonly error: unknown;
  readonly isObserved: () => boolean;
}

/** Keeps the errors of work in the background until someone sees them, so that none is lost. */
export class BackgroundErrors {
  #errors: BackgroundError[] = [];

  /** @param what - names the work in messages, in the plural */
  constructor(private readonly what: string) {}

  /**
   * Keeps an error, unless the work was cancelled: whoever cancels it knows that it fails.
   *
   * @param isObserved - tells if someone has seen the error in another way, such as through an {@link ObservedPromise}
   * @param signal - the one that cancels the work
   */
  add(error: unknown, isObserved: () => boolean, signal: AbortSignal | undefined): void {
    if (signal?.aborted && isCheckpointError(error, "CancelledError")) return;
    this.#errors.push({ error, isObserved });
  }

  /**
   * Forgets all errors.
   *
   * @throws the error that nobody has seen; an `AggregateError` if there are several.
   */
  throwUnseen(): void {
    const errors = this.#errors.filter(({ isObserved }) => !isObserved()).map(({ error }) => error);
    this.#errors = [];
    if (errors.length > 1)
      throw new AggregateError(errors, `${errors.length} ${this.what} failed: ${errors.join("; ")}`);
    if (errors.length === 1) throw errors[0];
  }
}
