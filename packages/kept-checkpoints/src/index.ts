/**
 * The checkpoints that a saver keeps: the list in memory, the state file, and the removal of those that are let go of; and which of
 * them is whole when one can't be restored.
 *
 * @packageDocumentation
 */
export { recordsOfPaths, recordsWithTime } from "./checkpoint-records.js";
export { type ExplainOptions, type Explanation, explainCheckpoint } from "./explain/explain-checkpoint.js";
export { explainingFiles } from "./explain/explaining-files.js";
export { otherCheckpoints } from "./explain/other-checkpoints.js";
export { KeptCheckpoints, type KeptCheckpointsOptions, type SavedCheckpoint } from "./kept-checkpoints.js";
export {
  type CheckpointNote,
  type ReadCheckpointRecordsOptions,
  readCheckpointRecords,
  requireMetrics,
} from "./record-file.js";
export { recordsOfFiles } from "./recover-records.js";
