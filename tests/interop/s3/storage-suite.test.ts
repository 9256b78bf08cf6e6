import type { S3Client } from "@aws-sdk/client-s3";
import { readFile } from "@tfsaver/storage";
import { S3Storage } from "@tfsaver/storage-s3";
import { storageSuite } from "@tfsaver/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { S3Server } from "../../../tools/s3-servers.js";

/** Cases that a server can't pass, and why. */
const exceptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  versitygw: {},
  moto: {
    "unfinished files are listed by their directory, and can be abandoned": "it tells the same time for every upload",
  },
};
const start = { versitygw: () => S3Server.versitygw(), moto: () => S3Server.moto() };

describe.each(["versitygw", "moto"] as const)("S3Storage on %s", (name) => {
  let server: S3Server;
  let client: S3Client;
  let buckets = 0;
  beforeAll(async () => {
    server = await start[name]();
    client = server.client();
  });
  afterAll(() => server?.close());

  async function newBucket(): Promise<string> {
    const bucket = `bucket-${++buckets}`;
    await server.createBucket(bucket);
    return bucket;
  }

  describe.each([true, false])("with conditionalWrites: %s", (conditionalWrites) => {
    const create = async () => {
      const bucket = await newBucket();
      const prefix = buckets % 2 === 0 ? "a/prefix" : "";
      const root = buckets % 3 === 0 ? `s3://${bucket}/${prefix}` : "";
      return { storage: new S3Storage({ client, bucket, prefix, partSize: 5 << 20, conditionalWrites }), root };
    };
    for (const { name: test, run } of storageSuite(create)) {
      const why = exceptions[name]?.[test];
      if (why === undefined) it(test, run);
      else it.skip(`${test} (not on ${name}: ${why})`, run);
    }
  });

  it("of twenty exclusive writers at the same time, one succeeds", async () => {
    const storage = new S3Storage({ client, bucket: await newBucket() });
    const put = (i: number) => storage.put("lock", Uint8Array.of(i), { exclusive: true }).then(() => i);
    const ends = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => put(i)));
    const winners = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
    expect(winners).toHaveLength(1);
    expect(await readFile(storage, "lock")).toEqual(Uint8Array.of(winners[0] as number));
  });

  it("a file of many parts comes back as it was written", async () => {
    const storage = new S3Storage({ client, bucket: await newBucket(), partSize: 5 << 20 });
    const bytes = new Uint8Array(33_000_001);
    for (let i = 0; i < bytes.length; i++) bytes[i] = i * 31 + (i >> 8) * 17;
    const file = await storage.create("dir/large");
    for (let at = 0; at < bytes.length; at += 1_234_567) await file.write([bytes.subarray(at, at + 1_234_567)]);
    await file.close();
    expect(Buffer.compare(await readFile(storage, "dir/large"), bytes)).toBe(0);
    const opened = await storage.open("dir/large");
    const target = new Uint8Array(20_000_000);
    await opened.readInto(7_000_003, [target]);
    expect(Buffer.compare(target, bytes.subarray(7_000_003, 27_000_003))).toBe(0);
  });
});
