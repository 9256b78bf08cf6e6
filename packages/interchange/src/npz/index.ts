/**
 * Reads and writes NumPy's archives of arrays (`.npz`). Needs the package `@zip.js/zip.js`.
 *
 * @packageDocumentation
 */
export type { CastReport, Exported, ExportOptions } from "../output/export-options.js";
export type { UnsupportedOptions } from "../output/plan-export.js";
export type { FileRange, FileSource, StoredForm } from "../source/file-source.js";
export { type OpenNpzOptions, openNpz } from "./open.js";
export { type WriteNpzOptions, writeNpz } from "./write.js";
