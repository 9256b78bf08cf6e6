/**
 * Trains a model on a TensorFlow cluster of one worker and two parameter servers on this machine, loses one of them,
 * and continues from the last checkpoint. Run it with `npm run start:cluster`, optionally followed by an output folder and a number of steps.
 *
 * Neither variables nor data pass through Node.js: the servers compute, save and restore.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { Graph, GraphKeys, type Variable } from "@tfsaver/graph";
import { importMetaGraph } from "@tfsaver/saver";
import { GrpcSession } from "@tfsaver/session-grpc";
import { localCluster, ServerProcess } from "../../../tools/cluster.js";
import { preparePython } from "../../../tools/python.js";

const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), "tfsaver-cluster-"));
const STEPS = Number(process.argv[3] ?? 300);
const STEPS_PER_CHECKPOINT = 50;

const cluster = await localCluster({ worker: 1, ps: 2 });
console.log(`starting a worker and ${cluster.ps?.length} parameter servers`);
const python = preparePython();
const servers = new Map<string, ServerProcess>();
const start = async (task: string) => servers.set(task, await ServerProcess.start(cluster, [task]));
try {
  await Promise.all(["worker:0", "ps:0", "ps:1"].map(start));
  const meta = join(folder, "model.meta");
  execFileSync(python, [fileURLToPath(new URL("model.py", import.meta.url)), JSON.stringify(cluster), meta]);
  await train(meta, servers.get("worker:0")?.target ?? "");
} finally {
  for (const server of servers.values()) await server.kill();
}

async function train(meta: string, target: string): Promise<void> {
  const graph = new Graph();
  const saver = await importMetaGraph(meta, { graph });
  if (saver === undefined) throw new Error("The model has no saver");
  for (const name of ["weights", "bias", "global_step"]) console.log(`${name} is on ${graph.operation(name).device}`);

  const globalStep = graph.collection(GraphKeys.GLOBAL_STEP)[0] as Variable;
  // The graph is complete: a loop that added to it would grow without end, here and on the servers.
  graph.finalize();

  let session = new GrpcSession({ target, graph });
  const lossNow = async () => Number((await session.run("loss:0")).data[0]);
  const trainOn = async (steps: number) => {
    for (let i = 1; i <= steps; i++) {
      await session.run("train");
      if (i % STEPS_PER_CHECKPOINT > 0) continue;
      const path = await saver.save(session, join(folder, "model.ckpt"), { globalStep });
      console.log(`saved ${path?.slice(folder.length + 1)}, loss ${(await lossNow()).toPrecision(4)}`);
    }
  };

  await session.run("init");
  console.log(`initial loss ${(await lossNow()).toPrecision(4)}`);
  await trainOn(STEPS);
  const lossBefore = await lossNow();
  await session.run(Array.from({ length: 7 }, () => "train"));

  console.log("a parameter server crashes and is restarted");
  await servers.get("ps:1")?.kill();
  await start("ps:1");
  await session.run("train").catch((error: Error) => console.log(`the session has ended: ${error.name}`));
  await session.close();
  session = new GrpcSession({ target, graph });
  await session.run("train").catch((error: Error) => console.log(`its variables are lost: ${error.name}`));

  const latest = (await latestCheckpoint(folder)) ?? "";
  await saver.restore(session, latest);
  const lossAfter = await lossNow();
  console.log(`the step is ${(await globalStep.eval(session)).data[0]} again`);
  console.log(`restored ${latest.slice(folder.length + 1)}, loss ${lossAfter.toPrecision(4)}`);
  console.log(lossAfter === lossBefore ? "the same loss as before" : `but the loss was ${lossBefore}`);
  await trainOn(STEPS_PER_CHECKPOINT);
  await session.close();

  for (const name of readdirSync(folder).sort()) console.log(`  ${name}`);
}
