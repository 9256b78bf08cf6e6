import { UnimplementedError } from "@tfsaver/core";
import { compareCodePoints, isTrackable, type Trackable } from "@tfsaver/saver-builders";
import { childrenOf } from "./children.js";
import { attributesOf } from "./saved-attributes.js";
import type { WalkedObject } from "./walked-object.js";

/** A trackable with slot variables: an optimizer. */
type Optimizer = Trackable & Required<Pick<Trackable, "slotNames" | "getSlot">>;

/** True if an object has slot variables. */
export function isOptimizer(object: object): object is Optimizer {
  return isTrackable(object) && object.slotNames !== undefined && object.getSlot !== undefined;
}

/**
 * Adds the slot variables of all optimizers: for each optimizer, in the order of its slot names, those of all variables.
 *
 * @param nodes - the objects that are there already
 * @param add - adds a slot variable behind them
 * @throws `UnimplementedError` for a slot variable with children, or one that is a child too, as in TensorFlow.
 */
export function addSlots(
  nodes: readonly WalkedObject[],
  known: ReadonlyMap<object, WalkedObject>,
  add: (slot: object, slotOf: NonNullable<WalkedObject["slotOf"]>) => WalkedObject,
): void {
  let variables: readonly WalkedObject[] | undefined;
  for (const optimizer of nodes) {
    const { object } = optimizer;
    if (!isOptimizer(object)) continue;
    variables ??= nodes.filter((node) => !isOptimizer(node.object) && attributesOf(node.object).length > 0);
    for (const name of [...object.slotNames()].sort(compareCodePoints)) {
      for (const variable of variables) {
        const slot = object.getSlot(variable.object, name);
        if (slot === undefined) continue;
        requireSimple(slot, name, known);
        optimizer.slots.push({ name, variable, slot: add(slot, { variable, optimizer, name }) });
      }
    }
  }
}

function requireSimple(slot: object, name: string, known: ReadonlyMap<object, WalkedObject>): void {
  if (childrenOf(slot).length > 0) {
    throw new UnimplementedError(
      `Currently only variables with no dependencies can be saved as slot variables: the slot '${name}' has children.`,
    );
  }
  if (known.has(slot)) {
    throw new UnimplementedError(
      `A slot variable was re-used as a dependency of a Trackable object: the slot '${name}'. This is not currently ` +
        "allowed. Track the slot variables of an optimizer only by slotNames and getSlot.",
    );
  }
}
