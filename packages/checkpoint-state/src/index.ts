/**
 * The `checkpoint` file: read, written, awaited.
 *
 * @packageDocumentation
 */
export type { CheckpointState } from "@tfsaver/proto/checkpoint-state";
export { type Clock, systemClock } from "./clock.js";
export { getCheckpointState } from "./get-checkpoint-state.js";
export { latestCheckpoint } from "./latest-checkpoint.js";
export type { StateFileOptions } from "./options.js";
export { type ResolveOptions, resolveCheckpoint } from "./resolve-checkpoint.js";
export { type CheckpointStateFields, generateCheckpointStateProto } from "./state-proto.js";
export { statedPaths } from "./stated-paths.js";
export { type UpdateCheckpointStateOptions, updateCheckpointState } from "./update-checkpoint-state.js";
export {
  type CheckpointsIteratorOptions,
  checkpointsIterator,
  type WaitOptions,
  waitForNewCheckpoint,
} from "./wait-for-checkpoint.js";
