import { parseShapeAndSlice, type ShapeAndSlice, type TensorSlice } from "@tfsaver/core";

/** A tensor or a slice in a checkpoint, named by an operation. */
export interface TensorKey {
  /** Differs from the ids of other tensors and slices. */
  readonly id: string;
  readonly name: string;
  /** `undefined` for the whole tensor. */
  readonly part: ShapeAndSlice | undefined;
  readonly slice: TensorSlice | undefined;
}

interface Known {
  readonly specs: readonly string[];
  readonly keys: readonly TensorKey[];
}

/** The latest keys by list of names. A saver's constants, which can be thousands of names long, repeat in every run. */
const known = new WeakMap<readonly string[], Known>();

/** Parses names and slice specs. Returns the same list for the same arguments, so that callers can compare by identity. */
export function tensorKeys(names: readonly string[], specs: readonly string[]): readonly TensorKey[] {
  const before = known.get(names);
  if (before?.specs === specs) return before.keys;
  const keys = names.map((name, i) => {
    const spec = specs[i] as string;
    const part = parseShapeAndSlice(spec);
    return { id: `${spec} ${name}`, name, part, slice: part?.slice };
  });
  known.set(names, { specs, keys });
  return keys;
}
