/**
 * Reads and writes TensorFlow's V1 checkpoint format: tables of `SavedTensorSlices`.
 *
 * @packageDocumentation
 */
export { checkSlices } from "./check.js";
export { isSlicesFile } from "./is-slices-file.js";
export { maxSliceElements } from "./slice-values.js";
export { type SlicesEntry, SlicesReader, type SlicesReaderOptions, type StoredPart } from "./slices-reader.js";
export { type DeferredTensor, SlicesWriter, type SlicesWriterOptions } from "./slices-writer.js";
export { verifySlices } from "./verify.js";
