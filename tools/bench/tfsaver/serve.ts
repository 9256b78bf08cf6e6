/** Runs this library for the benchmarks, one line of JSON a request, as `python/serve.py` runs TensorFlow. */
import { createInterface } from "node:readline";
import { beside } from "./beside.js";
import { readers } from "./readers.js";
import { savers } from "./savers.js";
import { tools } from "./tools.js";

const methods: Record<string, (params: never) => unknown> = { ...savers, ...readers, ...beside, ...tools };

for await (const line of createInterface(process.stdin)) {
  const { method, params } = JSON.parse(line);
  let answer: object;
  try {
    const run = methods[method];
    if (run === undefined) throw new Error("no such method");
    answer = { result: (await run(params as never)) ?? null };
  } catch (error) {
    answer = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
