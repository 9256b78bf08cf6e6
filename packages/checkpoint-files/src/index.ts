/**
 * A checkpoint as one unit of several files: written all or nothing, locked while it is written, found, listed, dated,
 * removed, and cleaned up after an interruption.
 *
 * @packageDocumentation
 */

export type { Debris } from "./debris/debris.js";
export { type DebrisOptions, findDebris } from "./debris/find-debris.js";
export { removeDebris, removeDebrisOf } from "./debris/remove-debris.js";
export { type CheckpointExistsOptions, checkpointExists, getCheckpointMtimes } from "./find/checkpoint-exists.js";
export { checkpointIdentity } from "./find/checkpoint-identity.js";
export { findCheckpointFiles } from "./find/find-files.js";
export { checkpointsInFolder, type FolderCheckpoint } from "./find/folder-checkpoints.js";
export { type ListCheckpointsOptions, type ListedCheckpoint, listCheckpoints } from "./find/list-checkpoints.js";
export type { PrefixLock } from "./lock/lock.js";
export type { Replacement, WaitingFile } from "./lock/lock-text.js";
export { type LockOptions, lockPrefix } from "./lock/prefix-lock.js";
export type { StorageOptions } from "./options.js";
export { portableBasename } from "./portable-basename.js";
export { type RemoveCheckpointOptions, removeCheckpoint } from "./remove/remove-checkpoint.js";
export type { CheckDepth } from "./transaction/check-written.js";
export { CheckpointTransaction, type TransactionOptions } from "./transaction/checkpoint-transaction.js";
export type { NewCheckpoint } from "./transaction/new-checkpoint.js";
