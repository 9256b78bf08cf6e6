import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { allocateTensor, type Tensor } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { S3Storage } from "@tfsaver/storage-s3";
import { BundleReader, BundleWriter } from "@tfsaver/tensor-bundle";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FakeS3 } from "../../../fixtures/fake-s3/fake-s3.js";

const WIDTH = 768;
const ROWS = 8192;

let fake: FakeS3;
beforeAll(async () => {
  fake = await FakeS3.start();
});
afterAll(() => fake.close());

/** The tensors of a model like BERT, the embedding among them. */
async function save(storage: S3Storage): Promise<Tensor> {
  const writer = new BundleWriter("run/bert", { storage });
  const small = allocateTensor("float32", [WIDTH]);
  const embedding = allocateTensor("float32", [ROWS, WIDTH]);
  const data = embedding.data as Float32Array;
  for (let i = 0; i < data.length; i++) data[i] = i;
  await writer.add("bert/embeddings/position_embeddings", allocateTensor("float32", [512, WIDTH]));
  await writer.add("bert/embeddings/word_embeddings", embedding);
  for (let i = 0; i < 200; i++) await writer.add(`bert/encoder/layer_${i}/attention/output/LayerNorm/gamma`, small);
  await writer.finish();
  return embedding;
}

it("one row of an embedding takes two requests and 128 KiB, the index included", async () => {
  const storage = new S3Storage({ client: fake.client(), bucket: "bert" });
  const embedding = await save(storage);
  fake.reset();
  const reader = await BundleReader.open("run/bert", { storage });
  const slice = [{ start: 5000, length: 1 }];
  const row = await reader.get("bert/embeddings/word_embeddings", slice, { checksums: "none" });
  await reader.close();
  expect(row.data).toEqual((embedding.data as Float32Array).subarray(5000 * WIDTH, 5001 * WIDTH));
  expect(fake.log).toEqual(["GetObject run/bert.index", "GetObject run/bert.data-00000-of-00001"]);
  const ranges = fake.requests.map(({ headers }) => /(\d+)-(\d+)/.exec(String(headers.range))?.slice(1).map(Number));
  const bytes = ranges.reduce((sum, [start = 0, end = 0] = []) => sum + end + 1 - start, 0);
  expect(bytes).toBeLessThanOrEqual(128 << 10);
});

it("a save takes at most 24 requests, one that removes an older checkpoint included, and a restore 4 and the data", async () => {
  const storage = new S3Storage({ client: fake.client(), bucket: "requests" });
  const graph = new Graph();
  const variable = Variable.create([1, 2, 3], { graph, name: "v" });
  const session = new LocalSession(graph, { storage });
  await session.run([variable.initializer]);
  const saver = new Saver({ graph, varList: [variable], storage, maxToKeep: 1 });
  for (const globalStep of [1, 2]) {
    fake.reset();
    await saver.save(session, "run/model", { globalStep });
    expect(fake.log.length, fake.log.join("\n")).toBeLessThanOrEqual(24);
  }
  expect([...fake.bucket("requests").objects.keys()].sort()).toEqual([
    ...["run/checkpoint", "run/model-2.data-00000-of-00001", "run/model-2.index", "run/model-2.meta"],
  ]);
  fake.reset();
  await saver.restore(session, (await latestCheckpoint("run", { storage })) as string);
  const others = fake.log.filter((request) => !request.includes(".data-"));
  expect(others.length, fake.log.join("\n")).toBeLessThanOrEqual(4);
});
