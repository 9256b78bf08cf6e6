import { CancelledError, type OperationOptions } from "@tfsaver/core";
import type { AnswerMessage, CallMessage, Contract } from "./messages.js";
import { errorFromWire } from "./wire-error.js";

/** The methods of the other side. Each can be stopped by a signal, and may report progress. */
export type Calls<C extends Contract<C>> = {
  readonly [M in keyof C]: (request: Parameters<C[M]>[0], options?: OperationOptions) => Promise<ReturnType<C[M]>>;
};

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
  readonly onProgress: OperationOptions["onProgress"];
}

/** Returns functions that call what the other side of a port offers with `serve`. */
export function connect<C extends Contract<C>>(port: MessagePort): Calls<C> {
  const waiting = new Map<number, Waiting>();
  let last = 0;

  port.addEventListener("message", ({ data }: MessageEvent<AnswerMessage>) => {
    const call = waiting.get(data.id);
    if (call === undefined) return;
    if ("progress" in data) {
      call.onProgress?.(data.progress);
      return;
    }
    waiting.delete(data.id);
    if ("error" in data) call.reject(errorFromWire(data.error));
    else call.resolve(data.result);
  });
  port.start();

  const call = (method: string, request: unknown, { signal, onProgress }: OperationOptions = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(stopped());
        return;
      }
      const id = ++last;
      const send = (message: CallMessage) => port.postMessage(message);
      const stop = () => {
        send({ id, abort: true });
        if (waiting.delete(id)) reject(stopped());
      };
      const end = () => signal?.removeEventListener("abort", stop);
      waiting.set(id, {
        resolve: (result) => {
          end();
          resolve(result);
        },
        reject: (error) => {
          end();
          reject(error);
        },
        onProgress,
      });
      signal?.addEventListener("abort", stop, { once: true });
      send({ id, method, request });
    });

  return new Proxy({} as Calls<C>, {
    get: (_, method) => (request: unknown, options?: OperationOptions) => call(String(method), request, options),
  });
}

function stopped(): CancelledError {
  return new CancelledError("The work was stopped");
}
