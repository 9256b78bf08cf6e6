/**
 * Reads and writes weights of TensorFlow.js: a `model.json`, and files of weights beside it.
 *
 * @packageDocumentation
 */
export type { CastReport, Exported, ExportOptions } from "../output/export-options.js";
export type { UnsupportedOptions } from "../output/plan-export.js";
export type { FileRange, FileSource, StoredForm } from "../source/file-source.js";
export { type OpenTfjsWeightsOptions, openTfjsWeights } from "./open.js";
export { type WriteTfjsWeightsOptions, writeTfjsWeights } from "./write.js";
