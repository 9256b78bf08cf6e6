import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { Graph } from "@tfsaver/graph";
import { importMetaGraph, type Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { basename } from "@tfsaver/storage";
import { S3Storage } from "@tfsaver/storage-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { preparePython } from "../../../tools/python.js";
import { S3Server } from "../../../tools/s3-servers.js";
import { root } from "../../workspace.js";
import { valuesOf } from "../content.js";
import { Oracle } from "../oracle.js";
import { metaOf, type Trained } from "../training.js";

const savers = {
  V2: {},
  "V2 in shards": { sharded: true },
  V1: { write_version: 1 },
  "V1 in shards": { sharded: true, write_version: 1 },
};

const variables = [
  { name: "weights", dtype: "float32", value: [0.5, -1, 3.25], resource: true, device: "/device:CPU:1" },
  { name: "step", dtype: "int64", value: 0, resource: true, trainable: false },
  { name: "table", shape: [700, 30], parts: 3, resource: true, devices: ["/device:CPU:1", "/device:CPU:0"] },
];

let server: S3Server;
let oracle: Oracle;
let folder: string;
beforeAll(async () => {
  server = await S3Server.versitygw();
  oracle = new Oracle();
  folder = mkdtempSync(join(tmpdir(), "tfsaver-s3-tensorflow-"));
});
afterAll(async () => {
  oracle.close();
  await server?.close();
  rmSync(folder, { recursive: true });
});

/** Copies with the client of Python, so that nothing depends on ours. */
function copy(direction: "up" | "down", local: string, bucket: string, prefix: string): void {
  mkdirSync(local, { recursive: true });
  const env = { ...process.env, ...server.environment, AWS_DEFAULT_REGION: "us-east-1" };
  execFileSync(preparePython("s3"), [`${root}tools/oracle/s3_copy.py`, direction, local, bucket, prefix], { env });
}

const onWarning = () => undefined;
let buckets = 0;

describe.each(Object.entries(savers))("%s", (_, saver) => {
  it("goes from TensorFlow to a bucket, is trained on there, and goes back to TensorFlow, with every value equal", async () => {
    const bucket = `relay-${++buckets}`;
    await server.createBucket(bucket);
    const storage = new S3Storage({ client: server.client(), bucket });
    const [theirs, ours] = [join(folder, bucket, "theirs"), join(folder, bucket, "ours")];

    mkdirSync(theirs, { recursive: true });
    const params = { variables, saver: { max_to_keep: 2, ...saver }, prefix: join(theirs, "m"), steps: [1, 2, 3] };
    const python = await oracle.ask<Trained>("start_training", params);
    copy("up", theirs, bucket, "run");

    // The state file names paths of the machine that TensorFlow ran on.
    const latest = await latestCheckpoint("run", { storage, findMoved: true, onWarning });
    expect(latest).toBe(`run/${basename(python.path)}`);
    const graph = new Graph();
    const imported = (await importMetaGraph(metaOf(latest as string), { graph, storage, onWarning })) as Saver;
    const session = new LocalSession(graph, { storage });
    await imported.restore(session, latest as string);
    expect(await valuesOf(session)).toEqual(python.values);

    // The last step is saved twice, so that one checkpoint is replaced.
    let path = "";
    for (const globalStep of [4, 5, 6, 6]) {
      await session.run("train");
      path = (await imported.save(session, "run/m", { globalStep })) as string;
    }
    copy("down", ours, bucket, "run");

    const prefix = join(ours, basename(path));
    const goOn = { meta: metaOf(prefix), restore: prefix, prefix: join(ours, "n"), steps: [7] };
    const restored = await oracle.ask<Trained>("go_on_training", goOn);
    await session.run("train");
    expect(restored.values).toEqual(await valuesOf(session));
    // Nothing but checkpoints is in the bucket.
    const strange = readdirSync(ours).filter(
      (name) => !/^(checkpoint|[mn]-\d(\.(index|meta|data-.*)|-.*)?)$/.test(name),
    );
    expect(strange).toEqual([]);
  });
});
