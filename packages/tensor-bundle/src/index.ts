/**
 * Reads and writes TensorFlow's V2 checkpoint format, the tensor bundle: an index, which is a table of names, and data files.
 *
 * @packageDocumentation
 */
export type { PlannedRead, TensorRequest } from "@tfsaver/core/slices";
export { checkBundle } from "./check.js";
export { bundleExists, settleBundle } from "./commit.js";
export type { BundleEntry } from "./encode/entry.js";
export type { BundleHeader } from "./encode/header.js";
export { type MergeBundlesOptions, mergeBundles } from "./merge.js";
export { BundleReader, type BundleReaderOptions, type RequestedTensor } from "./read/bundle-reader.js";
export { verifyBundle } from "./verify.js";
export type { NewTensor } from "./write/bundle-in-progress.js";
export { BundleSeries, type BundleSeriesOptions } from "./write/bundle-series.js";
export { BundleWriter } from "./write/bundle-writer.js";
export type { BundleWriterOptions, NewTensorKey } from "./write/data-writer.js";
export type { StreamedTensor, TensorPieces } from "./write/streamed-tensor.js";
