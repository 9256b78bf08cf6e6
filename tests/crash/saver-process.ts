import { removeDebris } from "@tfsaver/checkpoint-files";
import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { isCheckpointError, type Tensor, toTensor } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import type { Storage } from "@tfsaver/storage";
import { NodeStorage } from "@tfsaver/storage/node";

/*
 * A training process that tests kill. Restores and checks the latest checkpoint of a folder, then saves until it is stopped.
 * Arguments: the folder, or `s3://bucket/prefix` on the server that the AWS variables name; the kind of saver (with `behind`, in
 * the background), the number of steps, and, if other processes save to the folder, a name.
 */

const [folder = "", what = "", limit = "", name] = process.argv.slice(2);

/** Number of elements of the large variable, enough that a kill may interrupt the writing of its bytes. */
const SIZE = 20_000;

const storage = await storageOf(folder);
const graph = new Graph();
const on = (task: number, build: () => Variable) => graph.withDevice(`/job:ps/task:${task}`, build);
const weights = on(0, () => Variable.create(new Array<number>(SIZE).fill(0), { graph, name: "weights" }));
const step = on(1, () => Variable.create(0, { graph, name: "step" }));
const variables = [weights, step];

const valuesOf = (value: number): Tensor[] => [
  toTensor(Float32Array.from({ length: SIZE }, (_, i) => value + i / SIZE)),
  toTensor(value),
];

const saver = new Saver({
  graph,
  storage,
  sharded: what.includes("shards"),
  writeVersion: what.startsWith("v1") ? 1 : 2,
  maxToKeep: 3,
  recover: name === undefined,
  onWarning: () => undefined,
});
const session = new LocalSession(graph, { storage });

let value = 0;
// In a bucket, a checkpoint that was being replaced is not there before somebody finishes that.
if (!storage.capabilities.atomicRename) await removeDebris(folder, { storage }).catch(ignoreMissing);
const latest = await latestCheckpoint(folder, { storage });
if (latest !== undefined) {
  await saver.restore(session, latest);
  const read = await session.run(variables.map((variable) => variable.snapshot));
  value = Number(read[1]?.data[0]);
  for (const [i, expected] of valuesOf(value).entries()) {
    if (Buffer.compare(bytesOf(expected), bytesOf(read[i] as Tensor)) !== 0)
      throw new Error(`${latest} contains values of different steps`);
  }
}
process.stdout.write(`restored ${value}\n`);

const last = value + Number(limit);
while (value < last) {
  value++;
  for (const [i, next] of valuesOf(value).entries()) await variables[i]?.load(next, session);
  const path = `${folder}/${name ?? "m"}`;
  const options = what.endsWith("same") ? {} : { globalStep: value };
  if (what.includes("behind")) {
    // Two saves are under way at once, and the loop goes on meanwhile.
    const saved = value;
    const { staged, committed } = saver.saveAsync(session, path, { ...options, maxPending: 2 });
    committed.then(() => process.stdout.write(`saved ${saved}\n`));
    await staged;
  } else {
    await saver.save(session, path, options);
    process.stdout.write(`saved ${value}\n`);
  }
}
await saver.close();

function ignoreMissing(error: unknown): void {
  if (!isCheckpointError(error, "NotFoundError")) throw error;
}

function bytesOf({ data }: Tensor): Buffer {
  const view = data as Float32Array;
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

async function storageOf(path: string): Promise<Storage> {
  const bucket = /^s3:\/\/([^/]+)/.exec(path)?.[1];
  if (bucket === undefined) return new NodeStorage();
  // Loaded only here, because it takes a third of a second.
  const [{ S3Client }, { S3Storage }] = [await import("@aws-sdk/client-s3"), await import("@tfsaver/storage-s3")];
  const client = new S3Client({ region: "us-east-1", forcePathStyle: true, maxAttempts: 1 });
  return new S3Storage({ client, bucket });
}
