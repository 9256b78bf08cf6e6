/**
 * Reads and writes bytes by path: the contract of a storage, a storage in memory, and functions for every storage.
 *
 * @packageDocumentation
 */
export { canonicalPath } from "./canonical-path.js";
export type { CommitOptions } from "./commit-options.js";
export {
  closing,
  createAtomically,
  createDirectories,
  createDirectoryIfMissing,
  type FileInProgress,
  getFile,
  readFile,
  writeFileAtomically,
} from "./files.js";
export { glob } from "./glob.js";
export { escapeGlob, globMatcher, isPattern } from "./glob-pattern.js";
export { MemoryStorage, type MemoryStorageOptions } from "./memory-storage.js";
export {
  basename,
  dirname,
  isAbsolutePath,
  joinPath,
  normalizePath,
  relativePath,
} from "./path.js";
export { ReadOnlyStorage } from "./read-only-storage.js";
export { readableBytes } from "./readable-bytes.js";
export type {
  CallOptions,
  CreateOptions,
  DirectoryEntry,
  FileStat,
  GetOptions,
  ListOptions,
  OpenOptions,
  PutOptions,
  ReadableFile,
  RemoveOptions,
  Storage,
  StorageCapabilities,
  UnfinishedFile,
  UnfinishedFiles,
  WholeFile,
  WritableFile,
} from "./storage.js";
export { storageAt } from "./storage-at.js";
export { totalLength } from "./total-length.js";
