/**
 * Runs a graph repeatedly on the server of the first argument, and prints as JSON the memory in use after a tenth of the
 * runs and after all runs, in bytes.
 */
import { AbortedError } from "@tfsaver/core";
import { Graph, placeholder, Variable } from "@tfsaver/graph";
import { GrpcSession } from "@tfsaver/session-grpc";

const [target, runs] = process.argv.slice(2) as [string, string];
const graph = new Graph();
const variable = Variable.create(new Array(1000).fill(1), { graph, name: "v" });
const value = placeholder("float32", { graph, shape: [1000] });
const assigned = variable.assign(value);
const session = new GrpcSession({ target, graph, config: { isolateSessionState: true } });

async function used(): Promise<number> {
  // The second collection frees the objects that the first one finalized.
  for (let i = 0; i < 2; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

await session.run(variable.initializer);
const measured: number[] = [];
const { signal } = new AbortController();
let aborted = 0;
for (let i = 1; i <= Number(runs); i++) {
  const feeds = new Map([[value, new Float32Array(1000).fill(i)]]);
  try {
    await session.run([variable, assigned], feeds, { signal });
  } catch (error) {
    // Rarely, the server's own worker takes a step for one that it had before; MonitoredSession runs it again as well.
    if (!(error instanceof AbortedError) || ++aborted > 3) throw error;
    i--;
    continue;
  }
  if (i === Number(runs) / 10 || i === Number(runs)) measured.push(await used());
}
await session.close();
process.stdout.write(JSON.stringify(measured));
