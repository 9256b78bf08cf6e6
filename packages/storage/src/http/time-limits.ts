import { UnavailableError, ValueError } from "@tfsaver/core";

/** Longest time that a timer takes, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Bytes that must arrive in {@link SLOW_PERIODS} idle timeouts. A server that sends less drips for ever. */
const MIN_BYTES = 4096;
const SLOW_PERIODS = 5;

/** @throws `ValueError` unless it is a positive number of milliseconds; `Infinity` is one. */
export function requireTimeout(name: string, ms: number): number {
  if (ms > 0) return ms;
  throw new ValueError(`${name} must be a positive number of milliseconds, not ${ms}`);
}

/** Returns the result of `work`, or rejects with the error of `late` after some milliseconds. */
export async function within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  if (ms > MAX_TIMER_MS) return work;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for the pieces of a body, as long as they come fast enough. */
export class Pace {
  #sinceMs = Date.now();
  #bytes = 0;

  constructor(
    private readonly idleTimeoutMs: number,
    private readonly of: { readonly path: string; readonly url: string },
  ) {}

  /** @throws `UnavailableError` if nothing comes for the idle timeout, or less than 4 KiB in five of them. */
  async next<T extends { readonly value?: Uint8Array | undefined }>(piece: Promise<T>): Promise<T> {
    const left = this.#sinceMs + SLOW_PERIODS * this.idleTimeoutMs - Date.now();
    const result = await within(Math.min(left, this.idleTimeoutMs), piece, () => this.#tooSlow(left));
    this.#bytes += result.value?.length ?? 0;
    if (this.#bytes >= MIN_BYTES) {
      this.#bytes = 0;
      this.#sinceMs = Date.now();
    }
    return result;
  }

  #tooSlow(left: number): UnavailableError {
    const { idleTimeoutMs } = this;
    const { path, url } = this.of;
    const sent =
      left > idleTimeoutMs
        ? `nothing for ${idleTimeoutMs} ms`
        : `only ${this.#bytes} bytes in ${SLOW_PERIODS * idleTimeoutMs} ms`;
    return new UnavailableError(
      `${path}: ${url} sent ${sent} (idleTimeoutMs: ${idleTimeoutMs}). Try again, or raise the limit`,
      { path },
    );
  }
}
