/**
 * Decides which checkpoints to keep, and says why.
 *
 * @packageDocumentation
 */
export { anyOf } from "./any-of.js";
export { keepAll } from "./keep-all.js";
export { type KeepBestOptions, keepBest } from "./keep-best.js";
export { keepBy } from "./keep-by.js";
export { keepEveryNHours } from "./keep-every-n-hours.js";
export { keepEveryNSteps } from "./keep-every-n-steps.js";
export { keepLatest } from "./keep-latest.js";
export { planRetention } from "./plan.js";
export type { CheckpointRecord, RetentionDecision, RetentionPolicy } from "./policy.js";
export type { KeepRule, KeepVerdict, RulePolicy } from "./rule.js";
export {
  type TensorflowDefaultOptions,
  type TensorflowRetention,
  tensorflowDefault,
} from "./tensorflow-default.js";
