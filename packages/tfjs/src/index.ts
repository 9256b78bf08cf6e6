/**
 * Checkpoints of TensorFlow for the variables, models and optimizers of TensorFlow.js.
 *
 * @packageDocumentation
 */
export { BackupAndRestore, type BackupAndRestoreOptions } from "./callbacks/backup-and-restore.js";
export type { FitCallback, FitLogs } from "./callbacks/fit-callback.js";
export { ModelCheckpoint, type ModelCheckpointOptions } from "./callbacks/model-checkpoint.js";
export { type LoadWeightsOptions, loadWeights, type WeightMap, type WeightSource } from "./load/load-weights.js";
export type { LoadReport, MismatchedWeight } from "./load/report.js";
export type { LearningRateSchedule } from "./optimizers/schedule.js";
export { setLearningRate } from "./optimizers/set-learning-rate.js";
export { type SaveablesOptions, saveablesOf } from "./saveables-of.js";
export type {
  TfjsLayer,
  TfjsLayerVariable,
  TfjsModel,
  TfjsOptimizer,
  TfjsValue,
  TfjsVariable,
} from "./tensorflowjs.js";
export { type TrackableOptions, trackable } from "./trackable.js";
