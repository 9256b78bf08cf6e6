import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attr, constant, Graph, group, type Output, replicaDeviceSetter, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { GrpcSession } from "@tfsaver/session-grpc";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ClusterSpec, localCluster, ServerProcess } from "../../tools/cluster.js";
import { valuesOf } from "./content.js";
import { Oracle } from "./oracle.js";
import { filesOf, goOnTraining, metaOf, type Trained } from "./training.js";

let oracle: Oracle;
let cluster: ClusterSpec;
let servers: ServerProcess;
let root: string;
beforeAll(async () => {
  oracle = new Oracle();
  cluster = await localCluster({ worker: 2, ps: 2 });
  servers = await ServerProcess.start(cluster, ["worker:0", "worker:1", "ps:0", "ps:1"]);
});
afterAll(async () => {
  oracle.close();
  await servers.kill();
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tfsaver-cluster-"));
});
afterEach(async () => {
  rmSync(root, { recursive: true });
  // Variables outlive their sessions, but must not reach the next test.
  await GrpcSession.reset(servers.target);
});

const declared = (resource: boolean) => [
  { name: "weights", dtype: "float32", value: [0.5, -1, 2], resource, scope: "layer" },
  { name: "bias", dtype: "float64", value: [0.1], resource },
  { name: "step", dtype: "int64", value: 0, resource, trainable: false },
];

/** Builds the same model as the oracle, with an operation `train` that adds 1 to each variable. */
function model(resource: boolean, task = 0): Graph {
  const graph = new Graph();
  const device = replicaDeviceSetter({ cluster, workerDevice: `/job:worker/task:${task}` });
  graph.withDevice(device, () => {
    const variables = [
      graph.withNameScope("layer", () =>
        Variable.create([0.5, -1, 2], { graph, name: "weights", useResource: resource }),
      ),
      Variable.create([0.1], { graph, name: "bias", dtype: "float64", useResource: resource }),
      Variable.create(0n, { graph, name: "step", dtype: "int64", useResource: resource, trainable: false }),
    ];
    const ones = [constant([1, 1, 1], { graph }), constant([1], { graph, dtype: "float64" }), constant(1n, { graph })];
    const increments = variables.map((variable, i) =>
      graph.createOperation(resource ? "AssignAddVariableOp" : "AssignAdd", {
        inputs: [variable.handle, ones[i] as Output],
        attrs: { [resource ? "dtype" : "T"]: attr.type(variable.dtype) },
      }),
    );
    group(increments, { graph, name: "train" });
    group(
      variables.map(({ initializer }) => initializer),
      { graph, name: "init" },
    );
  });
  return graph;
}

const onCluster = (graph: Graph) => new GrpcSession({ target: servers.target, graph });

const savers = {
  "V2 in shards": { sharded: true },
  "V1 in shards": { sharded: true, write_version: 1 },
  "V2 in one piece": {},
};
const cases = Object.entries(savers).flatMap(([format, saver]) =>
  [false, true].flatMap((resource) =>
    [2, 1].map((ps_tasks) => ({
      title: `${resource ? "resource" : "reference"} variables on ${ps_tasks} parameter servers, saved in ${format}`,
      resource,
      ps_tasks,
      saver: { max_to_keep: 2, ...saver },
    })),
  ),
);

describe.each(cases)("$title", ({ resource, ps_tasks, saver }) => {
  it("are trained alternately by Python and tfsaver, with the same files as by Python alone", async () => {
    const { target } = servers;
    const [mixed, alone] = ["mixed", "alone"].map((name) => join(root, name)) as [string, string];
    const start = async (folder: string): Promise<Trained> => {
      mkdirSync(folder);
      const variables = declared(resource);
      const params = { variables, saver, prefix: join(folder, "m"), steps: [1, 2, 3], target, ps_tasks };
      return oracle.ask("start_training", params);
    };
    const python = async (folder: string, { path }: Trained, steps: number[]): Promise<Trained> => {
      await GrpcSession.reset(target);
      const params = { meta: metaOf(path), restore: path, prefix: join(folder, "m"), steps, target };
      return oracle.ask("go_on_training", params);
    };
    const fromHere = async ({ path }: Trained, steps: number[]) => {
      await GrpcSession.reset(target);
      return goOnTraining(onCluster, metaOf(path), path, join(mixed, "m"), steps);
    };

    const [first, firstAlone] = [await start(mixed), await start(alone)];
    const second = await fromHere(first, [4, 5, 6]);
    const secondAlone = await python(alone, firstAlone, [4, 5, 6]);
    expect(second.values).toEqual(secondAlone.values);
    expect(filesOf(mixed)).toEqual(filesOf(alone));

    const third = await python(mixed, second, [7, 8, 9]);
    const thirdAlone = await python(alone, secondAlone, [7, 8, 9]);
    expect(filesOf(mixed)).toEqual(filesOf(alone));

    expect(third.values).toEqual(thirdAlone.values);
    expect((await fromHere(third, [])).values).toEqual(thirdAlone.values);
  });
});

describe.each([
  ["reference", false],
  ["resource", true],
] as const)("a model of %s variables built by tfsaver", (_, resource) => {
  it("is saved like one built by Python, with a shard from each parameter server", async () => {
    const [ours, theirs] = ["ours", "theirs"].map((name) => join(root, name)) as [string, string];
    for (const folder of [ours, theirs]) mkdirSync(folder);
    const graph = model(resource);
    const saver = new Saver({ graph, sharded: true });
    const session = onCluster(graph);
    await session.run("init");
    for (const globalStep of [1, 2, 3]) {
      await session.run("train");
      await saver.save(session, join(ours, "m"), { globalStep });
    }
    const values = await valuesOf(session);
    await session.close();
    await GrpcSession.reset(servers.target);
    const trained = await oracle.ask<Trained>("start_training", {
      variables: declared(resource),
      saver: { sharded: true },
      prefix: join(theirs, "m"),
      steps: [1, 2, 3],
      target: servers.target,
      ps_tasks: 2,
    });
    expect(values).toEqual(trained.values);
    const withoutMeta = (folder: string) =>
      Object.fromEntries(Object.entries(filesOf(folder)).filter(([name]) => !name.endsWith(".meta")));
    expect(withoutMeta(ours)).toEqual(withoutMeta(theirs));
    expect(readdirSync(ours)).toEqual(expect.arrayContaining(["m-3.data-00000-of-00002", "m-3.data-00001-of-00002"]));
  });

  it("shares its variables between two clients of different workers", async () => {
    const [chiefGraph, otherGraph] = [model(resource, 0), model(resource, 1)];
    const chief = new GrpcSession({ target: servers.targets[0] as string, graph: chiefGraph });
    const other = new GrpcSession({ target: servers.targets[1] as string, graph: otherGraph });
    await expect(valuesOf(other)).rejects.toMatchObject({ kind: "FailedPreconditionError" });
    await chief.run("init");
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? chief : other).run("train")));
    const values = await valuesOf(chief);
    expect(await valuesOf(other)).toEqual(values);
    await chief.close();

    const saver = new Saver({ graph: otherGraph, sharded: true });
    const path = (await saver.save(other, join(root, "m"))) as string;
    await other.run("init");
    expect(await valuesOf(other)).not.toEqual(values);
    await saver.restore(other, path);
    expect(await valuesOf(other)).toEqual(values);
    await other.close();
  });
});

it("lists the devices of the cluster, or of the servers given by a device filter", async () => {
  const graph = new Graph();
  const [all, one] = [[], ["/job:ps/task:1"]].map(
    (deviceFilters) => new GrpcSession({ target: servers.target, graph, config: { deviceFilters } }),
  ) as [GrpcSession, GrpcSession];
  const name = (task: string) => `/job:${task.replace(":", "/replica:0/task:")}/device:CPU:0`;
  const devices = await all.listDevices();
  expect(devices.map((device) => device.name).sort()).toEqual(["ps:0", "ps:1", "worker:0", "worker:1"].map(name));
  expect(devices.every(({ deviceType, memoryLimitBytes }) => deviceType === "CPU" && memoryLimitBytes > 0)).toBe(true);
  expect(new Set(devices.map(({ incarnation }) => incarnation)).size).toBe(4);
  expect((await one.listDevices()).map((device) => device.name).sort()).toEqual(["ps:1", "worker:0"].map(name));
  await all.close();
  await one.close();
});
