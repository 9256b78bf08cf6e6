/**
 * Parts of storages that reach their files over a network: memory for what was fetched, and retries.
 *
 * @packageDocumentation
 */
export { type ContentRange, parseContentRange } from "./content-range.js";
export { FetchedParts } from "./fetched-parts.js";
export { type RetryOptions, retrying } from "./retrying.js";
