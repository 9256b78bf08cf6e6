/**
 * The `checkpoint` file, and what finds, dates, awaits and removes checkpoints.
 *
 * @packageDocumentation
 */
export type { CheckpointState } from "@tfsaver/proto/checkpoint-state";
export { type Clock, systemClock } from "./clock.js";
export { type Debris, type DebrisOptions, findDebris, removeDebris, removeDebrisOf } from "./debris.js";
export { type CheckpointExistsOptions, checkpointExists, getCheckpointMtimes, latestCheckpoint } from "./exists.js";
export { getCheckpointState } from "./get.js";
export { type ListedCheckpoint, listCheckpoints } from "./list.js";
export { metaGraphFilename } from "./meta-graph-filename.js";
export type { StateFileOptions, StorageOptions } from "./options.js";
export { type LockOptions, lockPrefix, type PrefixLock } from "./prefix-lock.js";
export { type RemoveCheckpointOptions, removeCheckpoint } from "./remove.js";
export { type CheckpointStateFields, generateCheckpointStateProto } from "./state-proto.js";
export { type UpdateCheckpointStateOptions, updateCheckpointState } from "./update.js";
export {
  type CheckpointsIteratorOptions,
  checkpointsIterator,
  type WaitOptions,
  waitForNewCheckpoint,
} from "./wait.js";
export { writeShards } from "./write-shards.js";
