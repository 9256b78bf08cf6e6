/** A promise that knows if anyone looks at its outcome. If nobody does, a rejection is not reported as unhandled. */
export class ObservedPromise<T> extends Promise<T> {
  /** `then` returns ordinary promises. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  #isObserved = false;

  /** Returns a promise with the outcome of another one. */
  static of<T>(promise: Promise<T>): ObservedPromise<T> {
    const observed = new ObservedPromise<T>((resolve, reject) => {
      promise.then(resolve, reject);
    });
    Promise.prototype.then.call(observed, undefined, () => undefined);
    return observed;
  }

  /** True once `then`, `catch`, `finally` or `await` was used on it. */
  get isObserved(): boolean {
    return this.#isObserved;
  }

  // biome-ignore lint/suspicious/noThenProperty: a promise has it
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#isObserved = true;
    return super.then(onFulfilled, onRejected);
  }
}
