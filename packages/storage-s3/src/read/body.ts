import { Failure } from "../requests/failure.js";
import type { Attempt } from "../requests/requests.js";

/** The body of an answer: a stream of Node.js or of the web. */
interface Body {
  [Symbol.asyncIterator]?(): AsyncIterator<Uint8Array>;
  transformToWebStream(): ReadableStream<Uint8Array>;
}

/** Yields the bytes of a body as they arrive. If the caller stops early, the rest is dropped. */
async function* chunksOf(body: Body | undefined, { abortSignal, progress }: Attempt): AsyncGenerator<Uint8Array> {
  if (body === undefined) return;
  const chunks = body[Symbol.asyncIterator]
    ? (body as AsyncIterable<Uint8Array>)
    : fromWeb(body.transformToWebStream());
  for await (const chunk of chunks) {
    // The memory to fill may be used again.
    if (abortSignal.aborted) throw new Failure("the request was given up", { code: "AbortError" });
    progress();
    yield chunk;
  }
}

async function* fromWeb(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/**
 * Fills the targets, one after another, with a body.
 *
 * @param onBytes - called for each piece with the number of its bytes
 * @throws a transient {@link Failure} if the body is shorter or longer.
 */
export async function fill(
  targets: readonly Uint8Array[],
  body: unknown,
  attempt: Attempt,
  onBytes: (count: number) => void = () => undefined,
): Promise<void> {
  const rest = targets.filter(({ length }) => length > 0);
  for await (const chunk of chunksOf(body as Body | undefined, attempt)) {
    for (let used = 0; used < chunk.length; ) {
      const target = rest[0];
      if (target === undefined) throw new Failure("the body is too long", { code: "WrongLength" });
      const part = chunk.subarray(used, used + target.length);
      target.set(part);
      used += part.length;
      if (part.length === target.length) rest.shift();
      else rest[0] = target.subarray(part.length);
    }
    onBytes(chunk.length);
  }
  const missing = rest.reduce((sum, { length }) => sum + length, 0);
  if (missing > 0) throw new Failure(`the body ends ${missing} bytes too early`, { code: "WrongLength" });
}

/** Drops a body that is not needed. */
export async function discard(body: unknown): Promise<void> {
  const none: Attempt = { abortSignal: new AbortController().signal, progress: () => undefined };
  for await (const _ of chunksOf(body as Body | undefined, none)) return;
}
