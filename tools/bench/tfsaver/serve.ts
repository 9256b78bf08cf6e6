/** Runs this library for the benchmarks, one line of JSON a request, as `python/serve.py` runs TensorFlow. */
import { createInterface } from "node:readline";

type Methods = Record<string, (params: never) => unknown>;

/** Loaded when they are needed: another commit of this library may lack what some of them use. */
const modules: readonly (() => Promise<Methods>)[] = [
  async () => (await import("./savers.js")).savers,
  async () => (await import("./readers.js")).readers,
  async () => (await import("./beside.js")).beside,
  async () => (await import("./tools.js")).tools,
  async () => (await import("./s3.js")).s3,
];

async function find(method: string): Promise<(params: never) => unknown> {
  for (const load of modules) {
    const run = (await load())[method];
    if (run !== undefined) return run;
  }
  throw new Error(`no method ${method}`);
}

for await (const line of createInterface(process.stdin)) {
  const { method, params } = JSON.parse(line);
  let answer: object;
  try {
    const run = await find(method);
    answer = { result: (await run(params as never)) ?? null };
  } catch (error) {
    answer = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
