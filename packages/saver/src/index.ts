/**
 * `tf.compat.v1.train.Saver` for TypeScript.
 *
 * @packageDocumentation
 */
export type { EagerVarList, NestedHostSaveables } from "./access/eager-var-list.js";
export type { CheckpointMetrics } from "./checkpoint-metrics.js";
export { exportMetaGraph } from "./meta-graph/export-meta-graph.js";
export { importMetaGraph } from "./meta-graph/import-meta-graph.js";
export { saverOrDefault } from "./meta-graph/saver-or-default.js";
export type {
  ExportOptions,
  ImportOptions,
  RestoreOptions,
  SaveAsyncOptions,
  SaveOptions,
  SaverExportOptions,
  SaverOptions,
} from "./options/saver-options.js";
export type { FallBackReport, PassedOverCheckpoint } from "./restore/fall-back.js";
export { loadCheckpoint } from "./restore/load-checkpoint.js";
export type { MismatchedTensor, RestoreReport } from "./restore/match-checkpoint.js";
export { saverFromObjectBasedCheckpoint } from "./restore/saver-from-object-based-checkpoint.js";
export type { PendingSave } from "./save/save-queue.js";
export { Saver } from "./saver.js";
