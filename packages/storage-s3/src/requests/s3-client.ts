import type { S3Client } from "@aws-sdk/client-s3";

/** The part of an `S3Client` of `@aws-sdk/client-s3` that is used. */
export interface S3ClientLike {
  readonly config: object;
  // biome-ignore lint/suspicious/noExplicitAny: the client's own types need those of Node.js, which a page does not have
  send(command: any, options?: { readonly abortSignal?: AbortSignal }): Promise<any>;
}

/** A client with the types of `@aws-sdk/client-s3`, for use inside this package. */
export type TypedClient = Pick<S3Client, "send" | "config">;
