/**
 * Finds, verifies, digests, converts and repairs whole checkpoints, and shows the values in them.
 *
 * @packageDocumentation
 */
export { type ResolveOptions, resolveCheckpoint } from "@tfsaver/checkpoint-state";
export {
  type Averaged,
  type AverageOptions,
  averageCheckpoints,
  exponentialWeights,
} from "./average/average-checkpoints.js";
export {
  type Converted,
  type ConvertOptions,
  convertCheckpoint,
  type WriteOptions,
} from "./convert/convert-checkpoint.js";
export {
  type ComparedTensor,
  type CompareTensorsOptions,
  compareTensors,
  type DifferenceHistogram,
  type SharedHistogram,
  type TensorComparison,
} from "./diff/compare-tensors.js";
export {
  type ChangedTensor,
  type CheckpointDifference,
  type DiffOptions,
  diffCheckpoints,
  type UnpairedTensor,
} from "./diff/diff-checkpoints.js";
export type { RenamedTensor } from "./diff/find-renamed.js";
export type { ValueDifference } from "./diff/value-difference.js";
export { type DigestOptions, digestCheckpoint, digestTensor } from "./digest.js";
export { type Edited, type EditOptions, editCheckpoint } from "./edit/edit-checkpoint.js";
export type { EditPlan, PlannedSource, PlannedTensor } from "./edit/edit-plan.js";
export type { EditStep } from "./edit/edit-step.js";
export { type FindInFolderOptions, findInFolder } from "./find-in-folder.js";
export { type PrunedCheckpoint, type PruneOptions, pruneCheckpoints } from "./prune/prune-checkpoints.js";
export { type RepairStateOptions, type RepairStateReport, repairCheckpointState } from "./repair-state.js";
export { findTensor, selectTensors } from "./select/select-tensors.js";
export { slotOwner } from "./select/slot-owner.js";
export {
  type CheckpointStatistics,
  type ScopeStatistics,
  type StatOptions,
  statCheckpoint,
  type TensorStatistics,
} from "./stat/stat-checkpoint.js";
export { type StatTensorOptions, statTensor } from "./stat/stat-tensor.js";
export type { HistogramOptions, Statistics } from "./stat/statistics.js";
export { type Element, elementReader } from "./values/element-reader.js";
export {
  type FormatTensorOptions,
  formatElement,
  formatPieces,
  formatTensor,
  type TensorDescription,
} from "./values/format-tensor.js";
export { formatBytes, formatCount } from "./values/format-units.js";
export { piecesToNpy, toNpy } from "./values/npy/to-npy.js";
export { quoteBytes } from "./values/quote-bytes.js";
export { piecesToJson, tensorToJson } from "./values/tensor-to-json.js";
export { type CheckpointReport, type VerifyOptions, verifyCheckpoint } from "./verify.js";
export {
  type FolderReport,
  type ListedReport,
  type VerifyFolderOptions,
  verifyCheckpoints,
} from "./verify-folder.js";
