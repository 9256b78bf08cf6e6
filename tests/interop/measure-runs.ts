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
for (let i = 1; i <= Number(runs); i++) {
  const feeds = new Map([[value, new Float32Array(1000).fill(i)]]);
  const step = () => session.run([variable, assigned], feeds, { signal });
  await step().catch((error: unknown) => {
    // Rarely, the server aborts a step that its worker takes for a repeated one. MonitoredSession also runs it again.
    if (!(error instanceof AbortedError)) throw error;
    return step();
  });
  if (i === Number(runs) / 10 || i === Number(runs)) measured.push(await used());
}
await session.close();
process.stdout.write(JSON.stringify(measured));
