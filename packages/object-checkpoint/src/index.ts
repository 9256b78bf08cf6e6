/**
 * `tf.train.Checkpoint` for TypeScript.
 *
 * @packageDocumentation
 */
export { AutoTrackable } from "./auto-trackable.js";
export { Checkpoint } from "./checkpoint.js";
export {
  type CheckpointObject,
  type ObjectGraphOptions,
  type ObjectTensor,
  objectGraph,
} from "./inspect/object-graph.js";
export type { CheckpointCallOptions, CheckpointOptions } from "./options.js";
export { PythonState } from "./python-state.js";
export type {
  BegunSave,
  ManagedCheckpoint,
  ManagedCheckpointOptions,
  ManagedCheckpointSaveOptions,
} from "./save/managed-checkpoint.js";
export type { LoadStatus } from "./status/load-status.js";
