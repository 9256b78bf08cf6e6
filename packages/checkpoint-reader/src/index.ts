/**
 * Opens a checkpoint by its prefix, whatever its format, and reads its tensors.
 *
 * @packageDocumentation
 */
export {
  type CheckpointReader,
  listVariables,
  loadVariable,
  type OpenCheckpointOptions,
  openCheckpoint,
  type PlannedRead,
  type TensorInfo,
  type TensorRequest,
} from "./checkpoint-reader.js";
