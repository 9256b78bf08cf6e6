import { parseShapeAndSlice, type ShapeAndSlice, type TensorSlice } from "@tfsaver/core";

/** What in a checkpoint one name and one slice spec of an operation stand for. */
export interface TensorKey {
  readonly name: string;
  /** `undefined`: the whole tensor. */
  readonly part: ShapeAndSlice | undefined;
  readonly slice: TensorSlice | undefined;
}

interface Known {
  readonly specs: readonly string[];
  readonly keys: readonly TensorKey[];
}

/** By names: the constants of a saver, thousands of names long, are the same in every run. */
const known = new WeakMap<readonly string[], Known>();

/** The keys that names and as many slice specs spell; the very same list for the very same names and specs. */
export function tensorKeys(names: readonly string[], specs: readonly string[]): readonly TensorKey[] {
  const before = known.get(names);
  if (before?.specs === specs) return before.keys;
  const keys = names.map((name, i) => {
    const part = parseShapeAndSlice(specs[i] as string);
    return { name, part, slice: part?.slice };
  });
  known.set(names, { specs, keys });
  return keys;
}
