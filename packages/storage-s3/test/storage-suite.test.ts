import { storageSuite } from "@tfsaver/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import { FakeS3 } from "../../../fixtures/fake-s3/fake-s3.js";
import { S3Storage } from "../src/index.js";

const subjects = {
  "the bucket, on a server with small pages": { server: { pageSize: 2 }, prefix: "", root: () => "" },
  "a prefix": { server: {}, prefix: "pre/fix", root: () => "" },
  "a prefix by its URL": { server: {}, prefix: "pre/fix", root: (bucket: string) => `s3://${bucket}/pre/fix` },
  "a server without conditional writes": { server: { conditionalWrites: false }, prefix: "", root: () => "/" },
} as const;

describe.each(Object.entries(subjects))("S3Storage of %s", (subject, { server, prefix, root }) => {
  let fake: FakeS3;
  let buckets = 0;
  beforeAll(async () => {
    fake = await FakeS3.start(server);
  });
  afterAll(() => fake.close());

  const create = async () => {
    const bucket = `${subject.replaceAll(/\W/g, "-").toLowerCase()}-${++buckets}`;
    const conditionalWrites = !("conditionalWrites" in server);
    const storage = new S3Storage({ client: fake.client(), bucket, prefix, partSize: 5 << 20, conditionalWrites });
    return { storage, root: root(bucket) };
  };
  for (const { name, run } of storageSuite(create)) it(name, run);
});
