import { keepBy } from "./keep-by.js";
import type { RulePolicy } from "./rule.js";

/** Keeps every checkpoint, and all of them listed. (TensorFlow's `max_to_keep` of 0 keeps them too, but lists none.) */
export function keepAll(): RulePolicy {
  return keepBy((checkpoints) => checkpoints.map(() => ({ keep: true, reason: "everything is kept" })));
}
