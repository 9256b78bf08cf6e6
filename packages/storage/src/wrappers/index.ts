/**
 * Storages around storages: with a cache, retries, progress or a prefix, and several as one.
 *
 * @packageDocumentation
 */
export { mounted } from "./mounted.js";
export { type CacheOptions, withCache } from "./with-cache.js";
export { withPrefix } from "./with-prefix.js";
export { type TransferProgress, withProgress } from "./with-progress.js";
export { withRetry } from "./with-retry.js";
