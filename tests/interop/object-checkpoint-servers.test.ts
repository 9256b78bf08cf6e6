import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CheckpointManager } from "@tfsaver/checkpoint-manager";
import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { type Graph, Graph as NewGraph, Variable } from "@tfsaver/graph";
import { Checkpoint, objectGraph } from "@tfsaver/object-checkpoint";
import { HostVariable, MutableHashTable } from "@tfsaver/saver-builders";
import { GrpcSession } from "@tfsaver/session-grpc";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type ClusterSpec, localCluster, ServerProcess } from "../../tools/cluster.js";
import { Oracle } from "./oracle.js";

let oracle: Oracle;
let cluster: ClusterSpec;
let servers: ServerProcess;
let root: string;
beforeAll(async () => {
  oracle = new Oracle();
  cluster = await localCluster({ worker: 1, ps: 2 });
  servers = await ServerProcess.start(cluster, ["worker:0", "ps:0", "ps:1"]);
});
afterAll(async () => {
  oracle.close();
  await servers.kill();
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tfsaver-objects-on-servers-"));
});
afterEach(async () => {
  rmSync(root, { recursive: true });
  await GrpcSession.reset(servers.target);
});

/** A model on two parameter servers, with a table, and a value that is in no graph. */
function program(value: number) {
  const graph: Graph = new NewGraph();
  const on = <T>(task: number, build: () => T) => graph.withDevice(`/job:ps/task:${task}`, build);
  const w = on(0, () => Variable.create([value, value], { graph, name: "w" }));
  const b = on(1, () => Variable.create(value, { graph, name: "b", useResource: true }));
  const words = on(0, () =>
    MutableHashTable.create({
      ...{ graph, keyDtype: "string", valueDtype: "int64", defaultValue: -1, checkpoint: true },
    }),
  );
  const step = new HostVariable(BigInt(value), { name: "step" });
  const session = new GrpcSession({ target: servers.target, graph });
  const insert = words.insert(["only"], [value]);
  const { keys, values } = words.export();
  return {
    ...{ session, step, children: { model: { w, b }, words, step } },
    initialize: () => session.run([w.initializer, b.initializer, insert]),
    get: async () => {
      const found = await session.run([w, b, values]);
      return [...found.map(({ data }) => Number(data[0])), Number(step.value.data[0])];
    },
    keys,
  };
}

it("saves and restores through the servers of a cluster, a shard for each task", async () => {
  const one = program(5);
  await one.initialize();
  const path = await new Checkpoint(one.children, { session: one.session }).save(join(root, "run/ckpt"));
  expect(path).toBe(join(root, "run/ckpt-1"));
  const reader = await openCheckpoint(path);
  expect(reader.numShards).toBeGreaterThanOrEqual(2);
  await reader.close();
  const keys = ["model/w", "model/b", "step", "save_counter"].map((key) => `${key}/.ATTRIBUTES/VARIABLE_VALUE`);
  expect(Object.keys(await oracle.ask<object>("read_checkpoint", { prefix: path })).sort()).toEqual(
    [...keys, "_CHECKPOINTABLE_OBJECT_GRAPH", "words/.ATTRIBUTES/table-keys", "words/.ATTRIBUTES/table-values"].sort(),
  );
  await one.session.close();
  await GrpcSession.reset(servers.target);

  const two = program(0);
  await two.initialize();
  (await new Checkpoint(two.children, { session: two.session }).restore(path)).assertConsumed();
  expect(await two.get()).toEqual([5, 5, 5, 5]);
  await two.session.close();
});

it("goes on after a restart, by a CheckpointManager", async () => {
  const run = async (value: number) => {
    const { children, session, initialize, get } = program(value);
    const saver = new Checkpoint(children, { session }).managed({ maxToKeep: 1 });
    const manager = new CheckpointManager({ saver, session, directory: join(root, "run"), every: { steps: 1 } });
    const { step } = await manager.restoreOrInitialize({ init: initialize });
    const values = step === 0 ? [] : await get();
    await manager.save(step + 1);
    await manager.close();
    await session.close();
    await GrpcSession.reset(servers.target);
    return values;
  };
  expect(await run(7)).toEqual([]);
  expect(await run(0)).toEqual([7, 7, 7, 7]);
});

it("shows the kinds of the objects of a SavedModel that TensorFlow wrote", async () => {
  const written = await oracle.ask<Record<string, { prefix: string }>>("write_objects", { folder: root });
  const prefix = written["saved model"]?.prefix as string;
  const model = await objectGraph(prefix);
  expect(model.kind).toBe("_generic_user_object");
  const layers = model.children.get("layers");
  expect(layers?.kind).toBe("trackable_list_wrapper");
  expect(layers?.children.get("0")?.children.get("kernel")?.kind).toBe("variable");
  expect(model.children.get("__call__")?.kind).toBe("function");
});
