/**
 * Decides which checkpoints to keep, and says why.
 *
 * @packageDocumentation
 */
export type { CheckpointRecord, RetentionDecision, RetentionPolicy } from "./policy.js";
export {
  type TensorflowDefaultOptions,
  type TensorflowRetention,
  tensorflowDefault,
} from "./tensorflow-default.js";
