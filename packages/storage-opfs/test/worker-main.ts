import { type Answer, type Call, calls } from "./worker-calls.js";

addEventListener("message", async ({ data }: MessageEvent<Call>) => {
  const run = calls[data.name] as (argument: unknown) => Promise<unknown>;
  const answer: Answer = await run(data.argument).then(
    (result) => ({ id: data.id, result }),
    (error: Error) => ({ id: data.id, error: `${error.message}\n${error.stack}` }),
  );
  postMessage(answer);
});
