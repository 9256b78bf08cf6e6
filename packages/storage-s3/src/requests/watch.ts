/** Tells when a server has been silent for too long. */
export class Watch {
  #lastMs = Date.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onSilence - called once, after `limitMs` milliseconds without {@link Watch.progress} */
  constructor(
    private readonly limitMs: number,
    private readonly onSilence: () => void,
  ) {
    this.#wait(limitMs);
  }

  progress(): void {
    this.#lastMs = Date.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** One timer serves all pieces of an answer, because setting one for each would take long. */
  #wait(ms: number): void {
    // Longer timers would end at once.
    this.#timer = setTimeout(() => this.#check(), Math.min(ms, 2 ** 31 - 1));
  }

  #check(): void {
    const left = this.#lastMs + this.limitMs - Date.now();
    if (left > 0) this.#wait(left);
    else this.onSilence();
  }
}
