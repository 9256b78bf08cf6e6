import { allocateTensor, type Tensor } from "@tfsaver/core";
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
