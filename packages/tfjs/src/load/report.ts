import { NotFoundError, ValueError } from "@tfsaver/core";

/** Maximum number of weights in a message. */
const MAX_SHOWN = 5;

/** A weight whose value in the checkpoint does not fit. */
export interface MismatchedWeight {
  /** Name of the weight in the model. */
  readonly name: string;
  /** Key in the checkpoint. */
  readonly key: string;
  /** What does not fit, such as the shapes of both. */
  readonly problem: string;
}

/** What `loadWeights` has loaded, and what not. */
export interface LoadReport {
  /** Names of the weights that have the checkpoint's values now. */
  readonly loaded: readonly string[];
  /** Names of the weights for which the checkpoint has no value. */
  readonly missing: readonly string[];
  /** Weights whose values have another dtype or shape. */
  readonly mismatched: readonly MismatchedWeight[];
  /** Keys of the checkpoint that were not loaded, such as those of an optimizer. */
  readonly unused: readonly string[];
}

/** @throws `NotFoundError` or `ValueError` if a weight was not loaded. */
export function requireAll({ missing, mismatched, unused }: LoadReport, model: string, path: string): void {
  const advice =
    "No weight was changed. Build the model that was saved, pass a `map` from names of weights to keys, or strict: false to " +
    "load what fits.";
  const [first] = mismatched;
  if (first !== undefined) {
    const lines = mismatched.map(({ name, key, problem }) => `  ${name} from ${key}: ${problem}`);
    throw new ValueError(`${path} does not fit the model ${model}:\n${shown(lines, "\n")}\n${advice}`, {
      path,
      tensor: first.key,
    });
  }
  if (missing.length === 0) return;
  const there = unused.length === 0 ? "" : ` The checkpoint also has ${shown(unused, ", ")}.`;
  throw new NotFoundError(`${path} has no value for ${shown(missing, ", ")} of the model ${model}.${there} ${advice}`, {
    path,
  });
}

function shown(items: readonly string[], separator: string): string {
  const rest = items.length - MAX_SHOWN;
  return [
    ...items.slice(0, MAX_SHOWN),
    ...(rest > 0 ? [`${separator === "\n" ? "  " : ""}and ${rest} more`] : []),
  ].join(separator);
}
