import type { Saveable } from "./saveables-of.js";

/** The attribute of a {@link Trackable} that is saved under the object's own name, as if it were a variable. */
export const VARIABLE_VALUE = "VARIABLE_VALUE";

/**
 * What makes a saveable for a name in the checkpoint.
 *
 * @param name - the name to save it under; not given where the object is an item of a list
 */
export type SaveableFactory = (name?: string) => Saveable;

/**
 * An object that declares its own saveables (TensorFlow's `Trackable`), so that it can be an item or a value of a var
 * list.
 */
export interface Trackable {
  /** Needed in lists, which are sorted by it, and where another object declares this one. */
  readonly name?: string | undefined;
  /**
   * What is saved of the object, by attribute: a saveable, or a factory of one (`_gather_saveables_for_checkpoint`).
   *
   * As a value of a dictionary, under `key`, factories are called with the name `key_attribute`, or `key` for
   * {@link VARIABLE_VALUE}; a variable that is no factory's is saved under its own name, `:0` included, as in
   * TensorFlow. As an item of a list, factories are called without a name, and what they give is treated as an item.
   */
  gatherSaveablesForCheckpoint(): Readonly<Record<string, Saveable | SaveableFactory>>;
}

/** Whether a value declares its own saveables. */
export function isTrackable(value: unknown): value is Trackable {
  return typeof value === "object" && value !== null && "gatherSaveablesForCheckpoint" in value;
}

/** What an object declares, factories called. */
export function declaredBy(trackable: Trackable, nameOf: (attribute: string) => string | undefined): Saveable[] {
  return Object.entries(trackable.gatherSaveablesForCheckpoint()).map(([attribute, declared]) =>
    typeof declared === "function" ? declared(nameOf(attribute)) : declared,
  );
}
