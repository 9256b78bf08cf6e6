/**
 * TensorFlow's V2 checkpoint format, the tensor bundle: an index (a table of names) and data files.
 *
 * @packageDocumentation
 */
export { BundleReader, type BundleReaderOptions, type RequestedTensor } from "./bundle-reader.js";
export { BundleSeries, type BundleSeriesOptions } from "./bundle-series.js";
export { BundleWriter, type NewTensor } from "./bundle-writer.js";
export { bundleExists, settleBundle } from "./commit.js";
export type { BundleWriterOptions, NewTensorKey } from "./data-writer.js";
export type { BundleEntry } from "./entry.js";
export type { BundleHeader } from "./header.js";
export { type MergeBundlesOptions, mergeBundles } from "./merge.js";
export type { PlannedRead } from "./plan.js";
export type { TensorRequest } from "./requests.js";
export { verifyBundle } from "./verify.js";
