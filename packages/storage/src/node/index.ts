/**
 * The local file system as a storage. Needs Node.js.
 *
 * @packageDocumentation
 */
export { NodeStorage, type NodeStorageOptions } from "./node-storage.js";
