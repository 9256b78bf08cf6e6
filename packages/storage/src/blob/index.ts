/**
 * Reads files that a person dropped or chose in a browser.
 *
 * @packageDocumentation
 */
export { BlobReader } from "./blob-reader.js";
export { BlobStorage, type BlobStorageSource } from "./blob-storage.js";
export { type DroppedItems, droppedFiles } from "./dropped-files.js";
