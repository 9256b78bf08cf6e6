/**
 * Stores files in the local file system. Needs Node.js.
 *
 * @packageDocumentation
 */
export { NodeStorage, type NodeStorageOptions } from "./node-storage.js";
