import { ValueError } from "@tfsaver/core";
import { formatTime } from "../times.js";
import { firstOfEach } from "./first-of-each.js";
import { keepBy } from "./keep-by.js";
import type { RulePolicy } from "./rule.js";

/**
 * Keeps one checkpoint for every `hours` hours: the earliest of each interval; of equal times the older one.
 * Intervals are counted from 1970 (UTC), so those of 24 hours are days.
 *
 * Only the times of the checkpoints matter, not the clock. A checkpoint with an unknown time (`Infinity`) is kept.
 *
 * @throws `TypeError` if `hours` is not a number; `ValueError` unless it is finite and more than 0.
 *
 * @example
 * ```ts
 * import { keepEveryNHours } from "@tfsaver/retention";
 *
 * const daily = keepEveryNHours(24);
 * ```
 */
export function keepEveryNHours(hours: number): RulePolicy {
  if (typeof hours !== "number") throw new TypeError(`hours must be a number, not ${hours}`);
  const size = hours * 3600;
  if (!(size > 0 && size < Number.POSITIVE_INFINITY)) {
    throw new ValueError(`hours must be finite and more than 0, not ${hours}`);
  }
  const interval = hours === 1 ? "the hour" : `the ${hours} hours`;
  const rule = firstOfEach({
    size,
    numberOf: ({ time }) => time,
    unknown: "its time is not known",
    name: (start) => `${interval} from ${formatTime(start)}`,
  });
  return keepBy(rule);
}
