import type { DType, Shape } from "@tfsaver/core";
import type { EditedCheckpoint } from "./edited-checkpoint.js";
import type { EditedTensor } from "./edited-tensor.js";
import { sortedByName } from "./tensors-to-write.js";

/** What an edit will write. */
export interface EditPlan {
  /** The tensors of the new checkpoint, sorted by name, without the object graph. */
  readonly tensors: readonly PlannedTensor[];
  /** Names in the source of the tensors that are left out, sorted. */
  readonly dropped: readonly string[];
  /** Size of the source in bytes. */
  readonly bytesBefore: number;
  /** Size of the new checkpoint in bytes. */
  readonly bytes: number;
}

/** A tensor that an edit will write. */
export interface PlannedTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Size in bytes. */
  readonly bytes: number;
  /** Number of slices; 0 if it is stored whole. */
  readonly slices: number;
  readonly from: PlannedSource;
}

/** Where a tensor comes from, and how it is there. */
export interface PlannedSource {
  /** Name in its checkpoint; `undefined` for a tensor that is set. */
  readonly name: string | undefined;
  /** Prefix of the checkpoint or path of the NumPy file; `undefined` for a tensor that was passed. */
  readonly path: string | undefined;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly slices: number;
}

/** Returns the plan of an edit. */
export function planOf(before: readonly EditedTensor[], { tensors }: EditedCheckpoint): EditPlan {
  const origins = new Set(tensors.map(({ origin }) => `${origin.path} ${origin.name}`));
  return {
    tensors: sortedByName(tensors).map(({ name, dtype, shape, size, slices, origin }) => ({
      name,
      dtype,
      shape,
      bytes: size,
      slices: slices.length,
      from: origin,
    })),
    dropped: before.filter(({ name, origin }) => !origins.has(`${origin.path} ${name}`)).map(({ name }) => name),
    bytesBefore: sizeOf(before),
    bytes: sizeOf(tensors),
  };
}

function sizeOf(tensors: readonly EditedTensor[]): number {
  return tensors.reduce((sum, { size }) => sum + size, 0);
}
