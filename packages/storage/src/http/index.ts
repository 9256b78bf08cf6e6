/**
 * Reads files over HTTP.
 *
 * @packageDocumentation
 */
export { HttpStorage, type HttpStorageOptions } from "./http-storage.js";
