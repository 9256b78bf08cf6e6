/**
 * The parts of a checkpoint that both formats have in common: stored slices, requests and planned reads, the version of
 * the format, and reports about damaged files.
 *
 * @packageDocumentation
 */

export { closedReaderError } from "./closed-reader.js";
export { cutSlice } from "./cut-slice.js";
export { FORMAT_VERSION, requireReadableVersion } from "./format-version.js";
export type { PlannedRead, TensorRequest } from "./planned-read.js";
export type { ReadOptions, ReadReport, StreamOptions } from "./read-options.js";
export { type SliceMessage, sliceFromProto, sliceToProto } from "./slice-proto.js";
export { type ByteRange, inChunks, neededRanges, SliceFiller } from "./slice-ranges.js";
export { type StoredSlices, slicesFor } from "./stored-slices.js";
export { transposed } from "./transpose.js";
export { type FileProblem, problemOf, type VerifyReport, verifyEach } from "./verify-report.js";
