import type { Answer, Calls } from "./worker-calls.js";

/** A dedicated worker that runs calls of `worker-calls.ts`, one after another. */
export interface TestWorker {
  call<Name extends keyof Calls>(
    name: Name,
    argument?: Parameters<Calls[Name]>[0],
  ): Promise<Awaited<ReturnType<Calls[Name]>>>;
  /** Ends it at once, in the middle of whatever it does. */
  terminate(): void;
}

/** Starts a dedicated worker of this origin. */
export function startWorker(): TestWorker {
  const worker = new Worker(new URL("./worker-main.ts", import.meta.url), { type: "module" });
  const waiting = new Map<number, (answer: Answer) => void>();
  let count = 0;
  worker.onmessage = ({ data }: MessageEvent<Answer>) => waiting.get(data.id)?.(data);
  return {
    call: async (name, argument) => {
      const id = ++count;
      const answer = await new Promise<Answer>((resolve) => {
        waiting.set(id, resolve);
        worker.postMessage({ id, name, argument });
      });
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.result as never;
    },
    terminate: () => worker.terminate(),
  };
}
