/**
 * Reads and writes safetensors files, alone or in shards with their index.
 *
 * @packageDocumentation
 */
export type { CastReport, Exported, ExportOptions } from "../output/export-options.js";
export type { UnsupportedOptions } from "../output/plan-export.js";
export type { FileRange, FileSource, StoredForm } from "../source/file-source.js";
export { type OpenSafetensorsOptions, openSafetensors } from "./open.js";
export { type WriteSafetensorsOptions, writeSafetensors } from "./write.js";
