import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { GrpcSession } from "@tfsaver/session-grpc";
import { LocalSession } from "@tfsaver/session-local";
import type { Storage } from "@tfsaver/storage";
import { NodeStorage } from "@tfsaver/storage/node";
import { mounted } from "@tfsaver/storage/wrappers";
import { S3Storage } from "@tfsaver/storage-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { tfckpt } from "../../../packages/cli/test/run-cli.js";
import { type ServerProcess, startServer } from "../../../tools/cluster.js";
import { preparePython } from "../../../tools/python.js";
import { S3Server } from "../../../tools/s3-servers.js";

const BUCKET = "servers";
let store: S3Server;
let folder: string;
beforeAll(async () => {
  store = await S3Server.versitygw();
  await store.createBucket(BUCKET);
  folder = mkdtempSync(join(tmpdir(), "tfsaver-servers-"));
});
afterAll(async () => {
  await store?.close();
  rmSync(folder, { recursive: true });
});

/** Trains on a server, which writes four checkpoints by itself; reads the last one by the server and by the saver's storage. */
async function train(server: ServerProcess, storage: Storage, prefix: string): Promise<void> {
  const graph = new Graph();
  const on = (cpu: number) =>
    graph.withDevice(`/device:CPU:${cpu}`, () => Variable.create([1, 2], { graph, name: `v${cpu}` }));
  const variables = [on(0), on(0)];
  const session = new GrpcSession({ target: server.target, graph });
  await session.run(variables.map(({ initializer }) => initializer));
  const saver = new Saver({ graph, varList: variables, storage, sharded: true, maxToKeep: 2 });
  const add = variables.map((variable) => variable.assignAdd([10, 10]));
  let path: string | undefined;
  for (const globalStep of [1, 2, 3, 4]) {
    await session.run(add);
    path = await saver.save(session, prefix, { globalStep });
  }
  expect(path).toBe(`${prefix}-4`);
  expect(saver.lastCheckpoints).toEqual([`${prefix}-3`, `${prefix}-4`]);
  const directory = prefix.slice(0, prefix.lastIndexOf("/"));
  expect(await latestCheckpoint(directory, { storage })).toBe(path);
  const names = (await storage.list(directory)).map(({ name }) => name).filter((name) => name.endsWith(".index"));
  expect(names.sort()).toEqual(["m-3.index", "m-4.index"]);
  const local = new LocalSession(graph, { storage });
  await saver.restore(local, `${prefix}-3`);
  expect((await variables[0]?.eval(local))?.data).toEqual(Float32Array.of(31, 32));
  await saver.restore(session, `${prefix}-3`);
  expect((await variables[1]?.eval(session))?.data).toEqual(Float32Array.of(31, 32));
  await session.close();
}

/** Saves and restores on a server by the command, whose storage is the bucket too. */
async function saveFromShell({ target }: ServerProcess, meta: string, prefix: string): Promise<void> {
  const before = { ...process.env };
  Object.assign(process.env, store.environment);
  try {
    const on = ["--target", target, "--meta", meta, "--prefix"];
    expect(await tfckpt(["save", ...on, prefix, "--step", "5"])).toMatchObject({ code: 0, stdout: `${prefix}-5\n` });
    const folderOf = prefix.slice(0, prefix.lastIndexOf("/"));
    expect(await tfckpt(["restore", ...on, folderOf])).toMatchObject({ code: 0, stderr: "" });
  } finally {
    process.env = before;
  }
}

/** `tensorflow-io` is published for Python 3.9 to 3.12. */
const pythonMinor = Number(execFileSync("python3", ["-c", "import sys; print(sys.version_info.minor)"]));

it.skipIf(pythonMinor > 12)(
  "a server with tensorflow-io writes to s3:// by itself, and the saver's storage is the same bucket",
  async () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION } = store.environment;
    const server = await startServer({
      python: preparePython("io"),
      environment: {
        ...{ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION },
        S3_ENDPOINT: store.url,
      },
    });
    try {
      const storage = new S3Storage({ client: store.client(), bucket: BUCKET });
      await train(server, storage, `s3://${BUCKET}/run/m`);
      await train(server, mounted({ file: new NodeStorage(), s3: storage }), `s3://${BUCKET}/mounted/m`);
      await saveFromShell(server, `s3://${BUCKET}/run/m-4.meta`, `s3://${BUCKET}/shell/m`);
    } finally {
      await server.kill();
    }
  },
);

it("a server writes to a shared folder, which the saver has mounted beside a bucket", async () => {
  const server = await startServer();
  try {
    const s3 = new S3Storage({ client: store.client(), bucket: BUCKET });
    await train(server, mounted({ file: new NodeStorage(), s3 }), join(folder, "m"));
  } finally {
    await server.kill();
  }
});
