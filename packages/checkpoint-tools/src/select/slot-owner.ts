import { ADAFACTOR_SLOTS, KERAS_SCOPE, KERAS_SLOTS, SLOTS } from "../edit/names/optimizer-names.js";

/** Parts of the key of a slot in an object-based checkpoint: `layer/kernel/.OPTIMIZER_SLOT/optimizer/m/.ATTRIBUTES/…`. */
const [SLOT_PART, VALUE_PART] = ["/.OPTIMIZER_SLOT/", "/.ATTRIBUTES/VARIABLE_VALUE"];

/**
 * Returns the name of the variable that a name is a slot of, as optimizers of TensorFlow or Keras, or
 * `ExponentialMovingAverage`, name their slots; `undefined` if it is none.
 *
 * @param names - the names of the checkpoint: only a slot whose variable is among them is one
 *
 * @example
 * ```ts
 * import { slotOwner } from "@tfsaver/checkpoint-tools";
 *
 * console.log(slotOwner("dense/kernel/Adam_1", new Set(["dense/kernel"]))); // dense/kernel
 * ```
 */
export function slotOwner(name: string, names: { has(name: string): boolean }): string | undefined {
  const [, inScope = ""] = KERAS_SCOPE.exec(name) ?? [];
  const slot = name.endsWith(VALUE_PART) ? name.lastIndexOf(SLOT_PART) : -1;
  const candidates = [
    slot < 0 ? undefined : name.slice(0, slot) + VALUE_PART,
    ...[SLOTS, ADAFACTOR_SLOTS].map((end) => withoutEnd(name, end)),
    withoutEnd(inScope, KERAS_SLOTS),
  ];
  return candidates.find((owner) => owner !== undefined && owner !== "" && owner !== name && names.has(owner));
}

function withoutEnd(name: string, end: RegExp): string | undefined {
  const found = end.exec(name);
  return found === null ? undefined : name.slice(0, found.index);
}
