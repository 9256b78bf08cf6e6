/**
 * Reads and writes bytes by path: the contract of a storage, a storage in memory, and functions for every storage.
 *
 * @packageDocumentation
 */

export type { CommitOptions } from "./commit-options.js";
export {
  closing,
  createAtomically,
  createDirectories,
  createDirectoryIfMissing,
  type FileInProgress,
  getFile,
  readFile,
  takesFiles,
  writeFileAtomically,
} from "./files.js";
export { MemoryStorage, type MemoryStorageOptions } from "./memory-storage.js";
export { canonicalPath } from "./paths/canonical-path.js";
export { glob } from "./paths/glob.js";
export { escapeGlob, globMatcher, isPattern } from "./paths/glob-pattern.js";
export {
  basename,
  dirname,
  isAbsolutePath,
  joinPath,
  normalizePath,
  relativePath,
} from "./paths/path.js";
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
  PreparedFile,
  PreparedState,
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
