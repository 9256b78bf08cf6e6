/**
 * Keeps files in the private file system of a web page.
 *
 * @packageDocumentation
 */
export { OpfsStorage } from "./opfs-storage.js";
