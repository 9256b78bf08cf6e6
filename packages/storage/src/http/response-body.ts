import { CheckpointError, throwIfAborted, UnavailableError } from "@tfsaver/core";
import { concatBytes } from "@tfsaver/core/coding";
import type { CallOptions } from "../storage.js";
import { Pace } from "./time-limits.js";

/** The file that a body belongs to, and how long its server may be silent. */
export interface BodyOf {
  readonly path: string;
  readonly url: string;
  readonly idleTimeoutMs: number;
}

/**
 * Yields the chunks of a response body as they arrive. If the caller stops early, the rest is canceled.
 *
 * @throws `UnavailableError` if the connection breaks or is too slow, `CancelledError` if the signal is aborted.
 */
async function* chunksOf(response: Response, of: BodyOf, options?: CallOptions): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const pace = new Pace(of.idleTimeoutMs, of);
  try {
    for (;;) {
      const { done, value } = await pace.next(reader.read());
      throwIfAborted(options?.signal);
      if (done) return;
      yield value;
    }
  } catch (cause) {
    throwIfAborted(options?.signal);
    if (cause instanceof CheckpointError) throw cause;
    const { path, url } = of;
    throw new UnavailableError(`${path}: the connection to ${url} broke: ${String(cause)}`, { path, cause });
  } finally {
    // Tells the server to stop. Has no effect if the body has ended or failed.
    reader.cancel().catch(() => undefined);
  }
}

/** Cancels a body that is not needed. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}

/**
 * Fills the targets, one after another, with a body.
 *
 * @returns the difference in bytes: positive, and early, if the body is too long; negative if it is too short.
 */
export async function fill(
  targets: readonly Uint8Array[],
  response: Response,
  of: BodyOf,
  options?: CallOptions,
): Promise<number> {
  const rest = targets.filter(({ length }) => length > 0);
  for await (const chunk of chunksOf(response, of, options)) {
    let used = 0;
    while (used < chunk.length) {
      const target = rest[0];
      if (target === undefined) return chunk.length - used;
      const part = chunk.subarray(used, used + target.length);
      target.set(part);
      used += part.length;
      if (part.length === target.length) rest.shift();
      else rest[0] = target.subarray(part.length);
    }
  }
  return -rest.reduce((sum, { length }) => sum + length, 0);
}

/** Reads a whole body; `undefined` as soon as it exceeds `limit` bytes. */
export async function readUpTo(
  limit: number,
  response: Response,
  of: BodyOf,
  options?: CallOptions,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(response, of, options)) {
    length += chunk.length;
    if (length > limit) return undefined;
    chunks.push(chunk);
  }
  return concatBytes(chunks);
}
