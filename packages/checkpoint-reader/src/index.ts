/**
 * Opens a checkpoint of either format by its prefix and reads its tensors.
 *
 * @packageDocumentation
 */
export type {
  FileProblem,
  PlannedRead,
  ReadOptions,
  ReadReport,
  StreamOptions,
  TensorRequest,
} from "@tfsaver/core/slices";
export type { CheckpointFormat, CheckpointReader, OpenCheckpointOptions, TensorInfo } from "./checkpoint-reader.js";
export { debugString } from "./debug-string.js";
export { isCausedByFiles } from "./diagnose/caused-by-files.js";
export { diagnoseCheckpoint } from "./diagnose/diagnose.js";
export type { FileKind, IdentifiedFile } from "./diagnose/identified-file.js";
export { identifyBytes } from "./diagnose/identify-bytes.js";
export { identifyFile } from "./diagnose/identify-file.js";
export type { DiagnoseOptions } from "./diagnose/problem.js";
export { OBJECT_GRAPH_KEY, objectGraphKeyMapping, readObjectGraph } from "./objects/object-graph.js";
export { listVariables, loadVariable, openCheckpoint } from "./open-checkpoint.js";
export { PieceMemory } from "./piece-memory.js";
export { type ResolvePrefixOptions, resolvePrefix } from "./prefix/resolve-prefix.js";
export { retryIfReplaced } from "./retry-if-replaced.js";
export { type NamedTensor, type SimilarName, similarNames } from "./similar-names.js";
export type { TensorSource } from "./tensor-source.js";
