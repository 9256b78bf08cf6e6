import { ValueError } from "@tfsaver/core";
import { formatTime } from "../times.js";
import { firstOfEach } from "./first-of-each.js";
import { keepBy } from "./keep-by.js";
import type { RulePolicy } from "./rule.js";

/**
 * Keeps one checkpoint for every `hours` hours. Time since 1970 (UTC) is cut into intervals of that length, so those of
 * 24 hours are days, and in each the checkpoint of the earliest time is kept; of equal times the older one.
 *
 * Only the checkpoints' own times matter. If the clock goes back, each one counts in the interval that its time falls
 * into. A checkpoint of unknown time (`Infinity`) is kept.
 *
 * @throws `TypeError` if `hours` is no number, `ValueError` unless it is finite and more than 0.
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
    unknown: "when it was saved is not known",
    name: (start) => `${interval} from ${formatTime(start)}`,
  });
  return keepBy(rule);
}
