/**
 * Keeps files in S3, and in object stores that speak its protocol.
 *
 * @packageDocumentation
 */
export type { S3ClientLike } from "./requests/s3-client.js";
export { S3Storage, type S3StorageOptions } from "./s3-storage.js";
