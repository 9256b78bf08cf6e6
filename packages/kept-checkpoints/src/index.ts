/**
 * The checkpoints that a saver keeps: the list in memory, the state file, and the removal of those that are let go of.
 *
 * @packageDocumentation
 */
export { recordsOfPaths, recordsWithTime } from "./checkpoint-records.js";
export { KeptCheckpoints, type KeptCheckpointsOptions, type SavedCheckpoint } from "./kept-checkpoints.js";
export {
  type CheckpointNote,
  type ReadCheckpointRecordsOptions,
  readCheckpointRecords,
  requireMetrics,
} from "./record-file.js";
export { recordsOfFiles } from "./recover-records.js";
