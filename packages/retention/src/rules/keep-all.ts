import { keepBy } from "./keep-by.js";
import type { RulePolicy } from "./rule.js";

/**
 * Keeps every checkpoint, and lists them all. (TensorFlow's `max_to_keep` of 0 keeps them too, but lists none.)
 *
 * @example
 * ```ts
 * import { keepAll } from "@tfsaver/retention";
 *
 * const policy = keepAll();
 * ```
 */
export function keepAll(): RulePolicy {
  return keepBy((checkpoints) => checkpoints.map(() => ({ keep: true, reason: "everything is kept" })));
}
