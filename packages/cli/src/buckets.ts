import { S3Client } from "@aws-sdk/client-s3";
import type { Storage } from "@tfsaver/storage";
import { S3Storage } from "@tfsaver/storage-s3";
import { UsageError } from "./errors.js";

/** The buckets that `s3://` paths lead to. */
export interface Buckets {
  /** Returns the storage of a path's bucket. */
  of(path: string): Storage;
}

/**
 * Opens buckets with the credentials and settings that the client of AWS finds itself: variables such as `AWS_ACCESS_KEY_ID`,
 * `AWS_PROFILE` and `AWS_REGION`, the files in `~/.aws`, or the role of the machine.
 *
 * `AWS_ENDPOINT_URL` leads to another server. Its buckets are then a part of the path of URLs, not of the host's name, unless
 * `TFCKPT_S3_PATH_STYLE` is `false`.
 */
export function openBuckets(environment: NodeJS.ProcessEnv = process.env): Buckets {
  const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3, AWS_DEFAULT_REGION, TFCKPT_S3_PATH_STYLE } = environment;
  const isOther = (AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL) !== undefined;
  // Other servers ignore the region, but a request can't be signed without one.
  const region = environment.AWS_REGION ?? AWS_DEFAULT_REGION ?? (isOther ? "us-east-1" : undefined);
  const client = new S3Client({
    maxAttempts: 1,
    forcePathStyle: TFCKPT_S3_PATH_STYLE === undefined ? isOther : TFCKPT_S3_PATH_STYLE !== "false",
    ...(region !== undefined && { region }),
  });
  const buckets = new Map<string, Storage>();
  return {
    of(path) {
      const bucket = /^s3:\/\/([^/]+)/i.exec(path)?.[1];
      if (bucket === undefined) throw new UsageError(`${path} names no bucket: write s3://bucket/prefix`);
      const storage = buckets.get(bucket) ?? new S3Storage({ client, bucket });
      buckets.set(bucket, storage);
      return storage;
    },
  };
}
