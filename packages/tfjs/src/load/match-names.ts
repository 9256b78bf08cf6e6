import { nameOf, type TfjsLayerVariable } from "../tensorflowjs.js";
import { saveableOf } from "../values/variable-saveable.js";
import type { MatchedKeys } from "./match-structure.js";
import type { StoredValues } from "./stored-values.js";

/** Maximum number of characters of a stored name that is compared. Longer ones would take seconds, and no model has them. */
const MAX_CHARS = 1000;

/**
 * Matches weights with values by name. If a name is not there, it is searched without what Keras puts in addition: the model
 * in front, the cell of a recurrent layer before the last part. Names that are not unique match nothing.
 */
export function matchNames(weights: readonly TfjsLayerVariable[], { keysByName }: StoredValues): MatchedKeys {
  const tiers = [0, 1, 2].map(() => new Map<string, Set<string>>());
  for (const [name, keys] of keysByName) {
    if (name.length > MAX_CHARS) continue;
    for (const [tier, variants] of variantsOf(name).entries()) {
      for (const variant of variants) {
        const known = tiers[tier]?.get(variant) ?? new Set();
        for (const key of keys) known.add(key);
        tiers[tier]?.set(variant, known);
      }
    }
  }
  const matched: MatchedKeys = new Map();
  for (const weight of weights) {
    const found = tiers.map((names) => names.get(nameOf(weight))).find((keys) => keys !== undefined);
    const [key, ...others] = found ?? [];
    if (key !== undefined && others.length === 0) matched.set(saveableOf(weight), key);
  }
  return matched;
}

/** Returns the names that a stored name stands for: itself, without one part, without two. */
function variantsOf(name: string): readonly (readonly string[])[] {
  const all = [name, name.replace(/\/kernel$/, "/depthwise_kernel")];
  const lessModel = all.map((text) => text.slice(text.indexOf("/") + 1));
  const lessCell = (texts: readonly string[]) => texts.map((text) => text.replace(/\/[^/]+(\/[^/]+)$/, "$1"));
  return [all, [...lessModel, ...lessCell(all)], lessCell(lessModel)];
}
