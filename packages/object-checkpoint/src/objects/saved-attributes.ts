import { Variable } from "@tfsaver/graph";
import {
  HostSaveable,
  type HostSpec,
  isTrackable,
  MutableHashTable,
  RenamedSaveable,
  type Saveable,
  SaveableObject,
  VARIABLE_VALUE,
  variableSaveable,
} from "@tfsaver/saver-builders";
import { describeObject } from "./describe-object.js";

/** The attribute of a hash table. TensorFlow keeps the name that it had before tables said what they save. */
const TABLE = "table";

/** A value outside of any graph, by the keys of its tensors. */
export interface HostValue {
  readonly host: HostSaveable;
  readonly specs: readonly HostSpec[];
}

/** The tensors of an attribute, which are in a graph or not. */
export type SavedValue = HostValue | SaveableObject;

/** An attribute of an object that a checkpoint holds. */
export interface SavedAttribute {
  /** Name in the object graph, such as `VARIABLE_VALUE`. */
  readonly name: string;
  /** The name under which a name-based saver would save it; empty if it has none. */
  readonly fullName: string;
  /** Returns the tensors under a key. Adds operations to the graph of some saveables. */
  under(key: string): SavedValue;
}

/** Returns what an object itself saves, apart from its children. */
export function attributesOf(object: object): SavedAttribute[] {
  if (object instanceof Variable) {
    const fullName = object.saveSliceInfo?.fullName ?? object.op.name;
    return [{ name: VARIABLE_VALUE, fullName, under: (key) => variableSaveable(key, object) }];
  }
  if (object instanceof HostSaveable || object instanceof SaveableObject) {
    return [{ name: VARIABLE_VALUE, fullName: object.name, under: (key) => named(object, key) }];
  }
  if (!isTrackable(object)) return [];
  return Object.entries(object.gatherSaveablesForCheckpoint()).map(([attribute, declared]) => ({
    name: object instanceof MutableHashTable ? TABLE : attribute,
    fullName: "",
    under: (key) => named(typeof declared === "function" ? declared(key) : declared, key),
  }));
}

function named(saveable: Saveable | HostSaveable, key: string): SavedValue {
  if (saveable instanceof HostSaveable) return { host: saveable, specs: saveable.specs(key) };
  if (saveable instanceof Variable) return variableSaveable(key, saveable);
  if (saveable instanceof SaveableObject) return renamed(saveable, key);
  throw new TypeError(
    `${key} is ${describeObject(saveable)}, but an attribute must be a variable or a saveable. Return other objects as ` +
      "trackableChildren.",
  );
}

/** Returns a saveable whose tensors begin with a key instead of its own name. */
function renamed(saveable: SaveableObject, key: string): SaveableObject {
  const { name, specs } = saveable;
  if (specs.every((spec) => spec.name.startsWith(key))) return saveable;
  const rest = (text: string) => (text.startsWith(name) ? text.slice(name.length) : `-${text}`);
  return new RenamedSaveable(saveable, (text) => (specs.length === 1 ? key : key + rest(text)));
}

/** True if a value is in no graph. */
export function isHostValue(value: SavedValue): value is HostValue {
  return !(value instanceof SaveableObject);
}
