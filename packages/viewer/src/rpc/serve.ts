import { type Progress, throwIfAborted, UnimplementedError } from "@tfsaver/core";
import type { AnswerMessage, CallMessage, Contract } from "./messages.js";
import { errorToWire } from "./wire-error.js";

/** What a handler gets beside its request. */
interface CallContext {
  /** Aborted when the caller no longer wants the result. */
  readonly signal: AbortSignal;
  /** Tells the caller how far the work is. */
  readonly onProgress: (progress: Progress) => void;
}

/** The functions behind a contract. */
export type Handlers<C extends Contract<C>> = {
  readonly [M in keyof C]: (
    request: Parameters<C[M]>[0],
    context: CallContext,
  ) => Promise<ReturnType<C[M]> | Transferring<ReturnType<C[M]>>>;
};

/** A result whose buffers are handed over instead of copied. */
class Transferring<T> {
  constructor(
    readonly value: T,
    readonly buffers: readonly ArrayBuffer[],
  ) {}
}

/** Returns a result of a handler whose buffers go to the caller without a copy. They are empty here afterwards. */
export function transferring<T>(value: T, buffers: readonly ArrayBufferLike[]): Transferring<T> {
  return new Transferring(value, [...new Set(buffers as readonly ArrayBuffer[])]);
}

/** Answers the calls that arrive at a port. */
export function serve<C extends Contract<C>>(port: MessagePort, handlers: Handlers<C>): void {
  const running = new Map<number, AbortController>();
  const answer = (message: AnswerMessage, buffers: readonly ArrayBuffer[] = []) =>
    port.postMessage(message, [...buffers]);

  const run = async (id: number, method: string, request: unknown): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const handler = Object.hasOwn(handlers, method) ? handlers[method as keyof C] : undefined;
      if (handler === undefined) throw new UnimplementedError(`There is no method ${method}`);
      const { signal } = controller;
      const result = await handler(request as never, {
        signal,
        onProgress: (progress) => answer({ id, progress }),
      });
      throwIfAborted(signal);
      if (result instanceof Transferring) answer({ id, result: result.value }, result.buffers);
      else answer({ id, result });
    } catch (error) {
      answer({ id, error: errorToWire(error) });
    } finally {
      running.delete(id);
    }
  };

  port.addEventListener("message", ({ data }: MessageEvent<CallMessage>) => {
    if ("abort" in data) running.get(data.id)?.abort();
    else void run(data.id, data.method, data.request);
  });
  port.start();
}
