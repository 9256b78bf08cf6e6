/**
 * What can be done with a whole checkpoint: find it, digest it, verify it; and how to show what is in it.
 *
 * @packageDocumentation
 */
export { type Converted, type ConvertOptions, convertCheckpoint } from "./convert.js";
export { type DigestOptions, digestCheckpoint, digestTensor } from "./digest.js";
export { type Element, elementReader } from "./elements.js";
export { type FormatTensorOptions, formatTensor } from "./format-tensor.js";
export { tensorToJson } from "./json.js";
export { toNpy } from "./npy.js";
export { type RepairStateOptions, type RepairStateReport, repairCheckpointState } from "./repair-state.js";
export { type ResolveOptions, resolveCheckpoint } from "./resolve.js";
export { quoteBytes } from "./text.js";
export { formatBytes, formatCount } from "./units.js";
export { type CheckpointReport, type VerifyOptions, verifyCheckpoint } from "./verify.js";
export {
  type FolderReport,
  type ListedReport,
  type VerifyFolderOptions,
  verifyCheckpoints,
} from "./verify-folder.js";
