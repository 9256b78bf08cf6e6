import type { DType, Tensor } from "@tfsaver/core";
import type { NameMap } from "@tfsaver/core/names";

/**
 * One step of an edit. Names are those that the steps before it left. A pattern is a name, or a glob in which `*` also matches
 * `/`. In an object-based checkpoint, a tensor has the names that `tfckpt ls --objects` prints: its key; the path of its object,
 * which is the key up to `/.ATTRIBUTES/`; and the name that a name-based saver would use.
 */
export type EditStep =
  | RenameStep
  | MapStep
  | AddScopeStep
  | KeepStep
  | DropStep
  | DropOptimizerStep
  | UseAveragesStep
  | CastStep
  | ReshapeStep
  | ResliceStep
  | SetStep
  | MergeStep;

/** Renames by a command of `sed -E`: `s/^tower_0\///`. In object-based checkpoints it changes paths of objects. */
interface RenameStep {
  readonly rename: string;
}

/**
 * Renames by a table from names to new names, of which several make copies; or by rules, which also drop and transpose. In
 * object-based checkpoints, names are paths, and what is below an object in a table goes with it. Rules' `metadata` is ignored,
 * because a checkpoint has no place for it.
 */
interface MapStep {
  readonly map: NameMap;
}

/** Puts all names under a scope; in an object-based checkpoint, all but `save_counter`. */
interface AddScopeStep {
  readonly addScope: string;
}

/** Keeps only what matches one of these patterns. */
interface KeepStep {
  readonly keep: readonly string[];
}

/** Drops what matches one of these patterns. */
interface DropStep {
  readonly drop: readonly string[];
}

/** Drops what optimizers and `ExponentialMovingAverage` keep for variables, and their counters. A `global_step` stays. */
interface DropOptimizerStep {
  readonly dropOptimizer: true;
}

/** Puts the moving averages of variables in their place. */
interface UseAveragesStep {
  readonly useAverages: true;
}

/** Casts to another dtype, as `tf.cast` does. */
export interface CastStep {
  readonly cast: DType;
  /** Patterns of what is cast. Default: all of dtype `float16`, `bfloat16`, `float32` and `float64`, if `cast` is one of these. */
  readonly match?: readonly string[] | undefined;
}

/** Gives a tensor another shape with as many elements. */
export interface ReshapeStep {
  readonly reshape: string;
  /** One dimension may be -1: it is computed. */
  readonly shape: readonly number[];
}

/** Stores tensors in a number of slices, as partitioned variables are, or whole. */
export interface ResliceStep {
  readonly reslice: string;
  /** Number of slices; 1 for a tensor that is stored whole. The first ones are larger by one if they can't be equal. */
  readonly slices: number;
  /** The dimension that is cut. Default: 0. */
  readonly axis?: number | undefined;
}

/** Adds a tensor, or replaces the one of this name. */
interface SetStep {
  readonly set: string;
  /** The tensor, or the path of a NumPy file (`.npy`). */
  readonly value: Tensor | string;
}

/** Adds the tensors of another checkpoint. Both must be object-based, or both name-based, and have no name in common. */
interface MergeStep {
  /** Prefix of the other checkpoint. */
  readonly merge: string;
}
