/**
 * Files that a person dropped or chose in a browser, as a storage to read from.
 *
 * @packageDocumentation
 */
export { BlobStorage, type BlobStorageSource } from "./blob-storage.js";
export { type DroppedItems, droppedFiles } from "./dropped-files.js";
