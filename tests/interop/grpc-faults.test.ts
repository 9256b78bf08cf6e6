import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { attr, constant, Graph, group, type Output, replicaDeviceSetter, Variable } from "@tfsaver/graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import { Saver } from "@tfsaver/saver";
import { GrpcSession } from "@tfsaver/session-grpc";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { rejection } from "../../fixtures/rejection.js";
import { type ClusterSpec, localCluster, ServerProcess, startServer } from "../../tools/cluster.js";

let server: ServerProcess;
let root: string;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.kill());
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tfsaver-faults-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A queue: dequeuing from an empty one waits. */
function queue(graph: Graph): { readonly enqueue: string; readonly dequeue: string } {
  const types = attr.types(["float32"]);
  const attrs = { component_types: types, shared_name: attr.string("q") };
  const handle = graph.createOperation("FIFOQueueV2", { name: "queue", attrs }).findOutput(0) as Output;
  const inputs = [handle, constant(7, { graph })];
  graph.createOperation("QueueEnqueueV2", { name: "enqueue", inputs, attrs: { Tcomponents: types } });
  graph.createOperation("QueueDequeueV2", { name: "dequeue", inputs: [handle], attrs: { component_types: types } });
  return { enqueue: "enqueue", dequeue: "dequeue:0" };
}

describe("a run that takes too long", () => {
  const open = (timeoutMs?: number) => {
    const graph = new Graph();
    const config = { isolateSessionState: true };
    return { ...queue(graph), session: new GrpcSession({ target: server.target, graph, config, timeoutMs }) };
  };

  it("ends at the deadline, on the server too", async () => {
    const { session, enqueue, dequeue } = open(500);
    expect(await rejection(session.run(dequeue))).toMatchObject({
      kind: "DeadlineExceededError",
      message: expect.stringContaining(server.target),
    });
    // A run that is still waiting on the server would take this element.
    await session.run(enqueue);
    expect((await session.run(dequeue))?.data).toEqual(Float32Array.of(7));
    await session.close();
  });

  it("ends when its signal is aborted, on the server too", async () => {
    const { session, enqueue, dequeue } = open();
    await session.run([]);
    const controller = new AbortController();
    const running = rejection(session.run(dequeue, {}, { signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    controller.abort(new Error("enough"));
    expect(await running).toMatchObject({ kind: "CancelledError", cause: { message: "enough" } });
    await session.run(enqueue);
    expect((await session.run(dequeue))?.data).toEqual(Float32Array.of(7));
    await session.close();
  });

  it("ends when the session is closed", async () => {
    const { session, enqueue, dequeue } = open();
    await session.run(enqueue);
    await session.run(dequeue);
    const running = rejection(session.run(dequeue));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await session.close();
    expect(await running).toMatchObject({ kind: "CancelledError" });
  });
});

describe("a graph", () => {
  it("with operations that the server does not know is refused for the rest of the session", async () => {
    const graph = new Graph();
    const op = graph.createOperation("Frobnicate", { name: "odd" });
    const session = new GrpcSession({ target: server.target, graph });
    for (let i = 0; i < 2; i++) {
      expect(await rejection(session.run(op))).toMatchObject({
        kind: "NotFoundError",
        message: expect.stringMatching(/Op type not registered 'Frobnicate'/),
      });
    }
    await session.close();
  });

  it("that becomes invalid does not affect the nodes that were sent before", async () => {
    const graph = new Graph();
    const one = constant(1, { graph });
    const session = new GrpcSession({ target: server.target, graph });
    await session.run(one);
    graph.createOperation("Identity", { name: "odd", inputs: [one], attrs: { T: attr.type("int32") } });
    expect(await rejection(session.run(one))).toMatchObject({
      kind: "InvalidArgumentError",
      message: expect.stringContaining("odd"),
    });
    await session.close();
  });

  it("that is too large for a message is refused before it is sent, and so are feeds", async () => {
    const channelOptions = { "grpc.max_send_message_length": 5000 };
    const graph = new Graph();
    constant(new Array(2000).fill(1), { graph, name: "large" });
    const session = new GrpcSession({ target: server.target, graph, channelOptions });
    expect(await rejection(session.run("large:0"))).toMatchObject({
      kind: "ResourceExhaustedError",
      message: `The graph would take 8000 bytes; the limit of a message to ${server.target} is 5000 bytes`,
    });
    await session.close();

    const small = new Graph();
    constant([1], { graph: small, name: "small" });
    const other = new GrpcSession({ target: server.target, graph: small, channelOptions });
    const [one, many] = [[2], new Array(2000).fill(2)];
    await other.run("small", { "small:0": one });
    expect(await rejection(other.run("small", { "small:0": many }))).toMatchObject({ kind: "ValueError" });
    const any = small.createOperation("Placeholder", { name: "any", attrs: { dtype: attr.type("float32") } });
    expect(await rejection(other.run(any, { "any:0": many }))).toMatchObject({
      kind: "ResourceExhaustedError",
      message: expect.stringMatching(/^The feed would take 8000 bytes/),
    });
    expect((await other.run("small:0")).data).toEqual(Float32Array.of(1));
    await other.close();
  });
});

it("an unreachable server causes a clear error, and leaves no files", async () => {
  const cluster = await localCluster({ local: 1 });
  const target = `grpc://${cluster.local?.[0]}`;
  const graph = new Graph();
  const variable = Variable.create([1], { graph });
  const saver = new Saver({ graph });
  const session = new GrpcSession({ target, graph });
  const unavailable = { kind: "UnavailableError", message: expect.stringContaining(target) };
  expect(await rejection(session.run(variable.initializer))).toMatchObject(unavailable);
  expect(await rejection(saver.save(session, join(root, "m")))).toMatchObject(unavailable);
  expect(await rejection(session.listDevices())).toMatchObject(unavailable);
  expect(await rejection(GrpcSession.reset(target))).toMatchObject(unavailable);
  await session.close();
  expect(readdirSync(root)).toEqual([]);
});

it("a server that starts later is used by the next run", async () => {
  const cluster = await localCluster({ local: 1 });
  const graph = new Graph();
  const one = constant(1, { graph });
  const session = new GrpcSession({ target: `grpc://${cluster.local?.[0]}`, graph });
  expect(await rejection(session.run(one))).toMatchObject({ kind: "UnavailableError" });
  const late = await ServerProcess.start(cluster, ["local:0"]);
  try {
    await expect.poll(() => session.run(one).catch(() => null), { timeout: 30_000 }).toMatchObject({ shape: [] });
    await session.close();
  } finally {
    await late.kill();
  }
});

describe("a cluster of servers that can fail", () => {
  let cluster: ClusterSpec;
  let worker: ServerProcess;
  let ps: ServerProcess[];
  beforeEach(async () => {
    cluster = await localCluster({ worker: 1, ps: 2 });
    for (const name of ["ps0", "ps1"]) mkdirSync(join(root, name));
    [worker, ...ps] = (await Promise.all([
      ServerProcess.start(cluster, ["worker:0"]),
      ServerProcess.start(cluster, ["ps:0"], { cwd: join(root, "ps0") }),
      ServerProcess.start(cluster, ["ps:1"], { cwd: join(root, "ps1") }),
    ])) as [ServerProcess, ...ServerProcess[]];
  });
  afterEach(() => Promise.all([worker, ...ps].map((process) => process.kill())));

  /** Large variables, initialized on their servers. */
  function model(elements: number): { graph: Graph; saver: Saver } {
    const graph = new Graph();
    graph.withDevice(replicaDeviceSetter({ cluster }), () => {
      const variables = ["a", "b"].map((name, i) => {
        const attrs = { T: attr.type("float32") };
        const dims = constant([elements], { graph, dtype: "int32" });
        const fill = graph.createOperation("Fill", { inputs: [dims, constant(i + 1, { graph })], attrs });
        const initial = fill.outputs[0] as Output;
        initial.shape = [elements];
        return Variable.create(initial, { graph, name });
      });
      group(
        variables.map(({ initializer }) => initializer),
        { graph, name: "init" },
      );
    });
    return { graph, saver: new Saver({ graph, sharded: true }) };
  }

  const open = (graph: Graph) => new GrpcSession({ target: worker.target, graph });

  it("a server that dies during a save leaves the previous checkpoint as the latest, which can be restored", async () => {
    const { graph, saver } = model(32 * 2 ** 20);
    const session = open(graph);
    await session.run("init");
    const folder = join(root, "checkpoints");
    mkdirSync(folder);
    const first = await saver.save(session, join(folder, "m"), { globalStep: 1 });
    const state = readFileSync(join(folder, "checkpoint"));

    const saving = rejection(saver.save(session, join(folder, "m"), { globalStep: 2 }));
    await expect.poll(() => existsSync(join(folder, "m-2_temp")), { timeout: 30_000, interval: 1 }).toBe(true);
    await ps[1]?.kill();
    expect(await saving).toMatchObject({ kind: expect.stringMatching(/UnavailableError|AbortedError/) });
    expect(readFileSync(join(folder, "checkpoint"))).toEqual(state);
    expect(readdirSync(folder).filter((name) => name.startsWith("m-2"))).toEqual([]);
    await session.close();

    ps[1] = await ServerProcess.start(cluster, ["ps:1"], { cwd: join(root, "ps1") });
    const again = open(graph);
    expect(await rejection(again.run("b:0"))).toMatchObject({ kind: "FailedPreconditionError" });
    expect(await latestCheckpoint(folder)).toBe(first);
    await saver.restore(again, first as string);
    expect((await again.run("b:0")).data.at(-1)).toBe(2);
    await saver.save(again, join(folder, "m"), { globalStep: 2 });
    expect(await latestCheckpoint(folder)).toBe(join(folder, "m-2"));
    await again.close();
  });

  it("a restarted server has lost its variables, and gets them back by a restore", async () => {
    const { graph, saver } = model(10);
    const session = open(graph);
    await session.run("init");
    const path = (await saver.save(session, join(root, "m"))) as string;
    await ps[0]?.kill();
    ps[0] = await ServerProcess.start(cluster, ["ps:0"], { cwd: join(root, "ps0") });
    expect(await rejection(session.run("a:0"))).toMatchObject({
      kind: "AbortedError",
      message: expect.stringContaining("/job:ps/replica:0/task:0"),
    });
    await session.close();
    const again = open(graph);
    expect(await rejection(again.run("a:0"))).toMatchObject({ kind: "FailedPreconditionError" });
    expect((await again.run("b:0")).data.at(-1)).toBe(2);
    await saver.restore(again, path);
    expect((await again.run("a:0")).data.at(-1)).toBe(1);
    await again.close();
  });

  it("each parameter server writes its own shard, and the one that merges must see all shards", async () => {
    const { graph, saver } = model(10);
    const session = open(graph);
    await session.run("init");
    // Each server resolves a relative path in its own working directory.
    const { saveTensorName, filenameTensorName } = saver.asSaverDef() as SaverDef;
    const error = await rejection(session.run(saveTensorName, { [filenameTensorName]: "m" }));
    expect(error).toMatchObject({
      kind: "InvalidArgumentError",
      op: "save/MergeV2Checkpoints",
      message: expect.stringContaining("m_temp/part-00000-of-00002 did not exist"),
    });
    const shard = (number: string) => [`part-${number}.data-00000-of-00001`, `part-${number}.index`];
    expect(readdirSync(join(root, "ps0", "m_temp"))).toEqual(shard("00000-of-00002"));
    expect(readdirSync(join(root, "ps1", "m_temp"))).toEqual(shard("00001-of-00002"));
    await session.close();
  });

  it("a full disk leaves the previous checkpoint as the latest", async ({ skip }) => {
    const disk = join(root, "disk");
    mkdirSync(disk);
    const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]);
    skip(status !== 0, "needs permission to mount a small disk");
    try {
      const { graph, saver } = model(100_000);
      const session = open(graph);
      await session.run("init");
      const first = await saver.save(session, join(disk, "m"), { globalStep: 1, writeMetaGraph: false });
      const state = readFileSync(join(disk, "checkpoint"));
      const saving = saver.save(session, join(disk, "m"), { globalStep: 2, writeMetaGraph: false });
      expect(await rejection(saving)).toMatchObject({
        kind: "ResourceExhaustedError",
        message: expect.stringContaining("No space left on device"),
      });
      expect(readFileSync(join(disk, "checkpoint"))).toEqual(state);
      expect(await latestCheckpoint(disk)).toBe(first);
      await saver.restore(session, first as string);
      expect((await session.run("b:0")).data.at(-1)).toBe(2);
      await session.close();
    } finally {
      execFileSync("umount", [disk]);
    }
  });
});
