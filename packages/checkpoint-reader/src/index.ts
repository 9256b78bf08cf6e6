/**
 * Opens a checkpoint by its prefix, whatever its format, and reads its tensors.
 *
 * @packageDocumentation
 */
export { debugString } from "./debug-string.js";
export { type DiagnoseOptions, diagnoseCheckpoint, type Finding } from "./diagnose.js";
export { OBJECT_GRAPH_KEY, objectGraphKeyMapping, readObjectGraph } from "./object-graph.js";
export { listVariables, loadVariable, type OpenCheckpointOptions, openCheckpoint } from "./open-checkpoint.js";
export type { CheckpointFormat, CheckpointReader, PlannedRead, TensorInfo, TensorRequest } from "./reader.js";
