import type { DType, Shape } from "@tfsaver/core";
import type { Output, PartitionedVariable, Variable } from "@tfsaver/graph";
import type { HostSaveable } from "../saveables/host-saveable.js";
import type { SaveableObject } from "../saveables/saveable-object.js";

/** The attribute of a {@link Trackable} that is saved under the object's own name, as if it were a variable. */
export const VARIABLE_VALUE = "VARIABLE_VALUE";

/** The attribute of a {@link Trackable} for all tensors of an object, which is saved under the object's own name, too. */
export const SERIALIZED_TENSORS = ".TENSORS";

/**
 * Anything that a saver can save: a variable, its reference or a read of it, a partitioned variable, a custom saveable,
 * or an object that declares its saveables.
 */
export type Saveable = Variable | Output | PartitionedVariable | SaveableObject | Trackable;

/** Saveables in nested arrays. */
export interface NestedSaveables extends ReadonlyArray<Saveable | NestedSaveables> {}

/** The value of one name: something to save, or all slices of a partitioned variable. */
export type NamedSaveable = Saveable | readonly Saveable[];

/** Saveables in a (nested) array or a set, saved under their own names; or a record or map by the names to save under. */
export type VarList =
  | NestedSaveables
  | ReadonlySet<Saveable | NestedSaveables>
  | ReadonlyMap<string, NamedSaveable>
  | Readonly<Record<string, NamedSaveable>>;

/**
 * Makes a saveable. Only a `Checkpoint` of `@tfsaver/object-checkpoint` takes a `HostSaveable`.
 *
 * @param name - the name to save under; `undefined` if the object is an item of a list
 */
export type SaveableFactory = (name?: string) => Saveable | HostSaveable;

/** Facts about the value of a slot variable in a checkpoint. */
export interface SlotValue {
  readonly dtype: DType;
  readonly shape: Shape;
}

/**
 * An object that declares its own saveables (TensorFlow's `Trackable`). It can stand in any {@link VarList}, and be an object
 * of a `Checkpoint` of `@tfsaver/object-checkpoint`, which also saves its children and slot variables.
 */
export interface Trackable {
  /** Needed in lists, which are sorted by it, and for objects that another object declares. */
  readonly name?: string | undefined;
  /**
   * Returns the saveables of the object, or factories of them, by attribute (`_gather_saveables_for_checkpoint`).
   *
   * In a dictionary, under `key`, factories are called with the name `key_attribute`, or `key` for
   * {@link VARIABLE_VALUE} and {@link SERIALIZED_TENSORS}. A variable that is not from a factory is saved under its own name, `:0` included, as in
   * TensorFlow. In a list, factories are called without a name, and the result counts as an item of the list. In a
   * `Checkpoint`, factories are called with the key in the checkpoint, and everything else is saved under that key.
   */
  gatherSaveablesForCheckpoint(): Readonly<Record<string, Saveable | HostSaveable | SaveableFactory>>;
  /**
   * Returns the objects below this one, by the names of their edges, in the order in which they are saved
   * (`_trackable_children`). Values that are not trackable are left out. Default: none.
   */
  trackableChildren?(): ReadonlyMap<string, unknown> | Readonly<Record<string, unknown>>;
  /** Returns the names of the slots of an optimizer, such as `momentum` (`get_slot_names`). Default: none. */
  slotNames?(): readonly string[];
  /** Returns the slot variable of a variable (`get_slot`). Undefined if there is none yet. */
  getSlot?(variable: object, slotName: string): object | undefined;
  /**
   * Makes the slot variable of a variable, into which a value is restored then (`_create_or_restore_slot_variable`). Undefined
   * to leave the value in the checkpoint until {@link Trackable.getSlot} returns the slot variable. Default: undefined.
   */
  createSlot?(variable: object, slotName: string, value: SlotValue): object | undefined;
}
