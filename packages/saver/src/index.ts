/**
 * `tf.compat.v1.train.Saver` for TypeScript.
 *
 * @packageDocumentation
 */
export type { EagerVarList, NestedHostSaveables } from "./eager-var-list.js";
export { type ExplainOptions, explainCheckpoint } from "./explain-checkpoint.js";
export { exportMetaGraph } from "./export-meta-graph.js";
export type { FallBackReport, PassedOverCheckpoint } from "./fall-back.js";
export { importMetaGraph } from "./import-meta-graph.js";
export type { MismatchedTensor, RestoreReport } from "./intersection.js";
export { loadCheckpoint } from "./load-checkpoint.js";
export type {
  ExportOptions,
  ImportOptions,
  RestoreOptions,
  SaveOptions,
  SaverExportOptions,
  SaverOptions,
} from "./options.js";
export { Saver } from "./saver.js";
export { saverFromObjectBasedCheckpoint } from "./saver-from-object-based-checkpoint.js";
export { saverOrDefault } from "./saver-or-default.js";
