import type { SaveableObject } from "@tfsaver/saver-builders";
import { isHostValue, type SavedAttribute, type SavedValue } from "../objects/saved-attributes.js";

/** Keeps the saveables of values in a graph, so that the graph does not grow with each save and restore. */
export class ValueCache {
  readonly #saveables = new WeakMap<object, Map<string, SaveableObject>>();

  /** Returns the tensors of an object's attribute under a key. */
  valueOf(object: object, attribute: SavedAttribute, key: string): SavedValue {
    const id = JSON.stringify([attribute.name, key]);
    const known = this.#saveables.get(object);
    const saveable = known?.get(id);
    if (saveable !== undefined) return saveable;
    const value = attribute.under(key);
    if (isHostValue(value)) return value;
    if (known === undefined) this.#saveables.set(object, new Map([[id, value]]));
    else known.set(id, value);
    return value;
  }
}
