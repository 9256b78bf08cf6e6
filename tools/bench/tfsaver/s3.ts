/** Saves and restores checkpoints in a bucket of an S3 server. */
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { allocateTensor } from "@tfsaver/core";
import { S3Storage } from "@tfsaver/storage-s3";
import { BundleReader, BundleWriter } from "@tfsaver/tensor-bundle";
import type { S3Bench } from "../workloads/s3.js";
import { measure } from "./measure.js";

function storageOf({ url, bucket, accessKeyId, secretAccessKey }: S3Bench): { client: S3Client; storage: S3Storage } {
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({
    endpoint: url,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    credentials,
  });
  return { client, storage: new S3Storage({ client, bucket }) };
}

const namesOf = ({ count }: S3Bench) => Array.from({ length: count }, (_, i) => `tensor_${i}`);

/** Values of all tensors, which are the same, so that only what a save needs is measured. */
function tensorOf({ bytes }: S3Bench) {
  const tensor = allocateTensor("float32", [bytes / 4]);
  (tensor.data as Float32Array).forEach((_, i, data) => {
    data[i] = i;
  });
  return tensor;
}

export const s3 = {
  makeBucket: (bench: S3Bench) => storageOf(bench).client.send(new CreateBucketCommand({ Bucket: bench.bucket })),
  saveToS3: async (bench: S3Bench) => {
    const tensor = tensorOf(bench);
    const { storage } = storageOf(bench);
    return measure(async () => {
      const writer = new BundleWriter("run/model", { storage });
      for (const name of namesOf(bench)) await writer.add(name, tensor);
      await writer.finish();
    });
  },
  restoreFromS3: async (bench: S3Bench) => {
    const memory = new Uint8Array(bench.bytes).fill(1);
    const { storage } = storageOf(bench);
    return measure(async () => {
      const reader = await BundleReader.open("run/model", { storage });
      for (const name of namesOf(bench)) await reader.getInto(name, memory);
      await reader.close();
    });
  },
};
