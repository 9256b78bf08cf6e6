/**
 * TensorFlow's V2 checkpoint format, the tensor bundle: an index (a table of names) and data files.
 *
 * @packageDocumentation
 */
export { BundleReader, type BundleReaderOptions } from "./bundle-reader.js";
export { BundleWriter, type BundleWriterOptions } from "./bundle-writer.js";
export type { BundleEntry } from "./entry.js";
export type { BundleHeader } from "./header.js";
export { dataFilename, indexFilename } from "./names.js";
export { type BundleProblem, type BundleReport, verifyBundle } from "./verify.js";
