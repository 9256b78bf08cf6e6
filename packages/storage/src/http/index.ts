/**
 * Files behind HTTP, as a storage to read from.
 *
 * @packageDocumentation
 */
export { HttpStorage, type HttpStorageOptions } from "./http-storage.js";
