/**
 * Decides which checkpoints to keep, and gives a reason for each decision.
 *
 * @packageDocumentation
 */

export { type KeptCheckpoint, keptCheckpoints } from "./kept.js";
export { planRetention } from "./plan.js";
export type { RetentionDecision, RetentionPolicy } from "./policy.js";
export { bestFirst, type Ranking } from "./ranking.js";
export type { CheckpointRecord } from "./record.js";
export { anyOf } from "./rules/any-of.js";
export { keepAll } from "./rules/keep-all.js";
export { type KeepBestOptions, keepBest } from "./rules/keep-best.js";
export { keepBy } from "./rules/keep-by.js";
export { keepEveryNHours } from "./rules/keep-every-n-hours.js";
export { keepEveryNSteps } from "./rules/keep-every-n-steps.js";
export { keepLatest } from "./rules/keep-latest.js";
export type { KeepRule, KeepVerdict, RulePolicy } from "./rules/rule.js";
export {
  type TensorflowDefaultOptions,
  type TensorflowRetention,
  tensorflowDefault,
} from "./tensorflow-default.js";
