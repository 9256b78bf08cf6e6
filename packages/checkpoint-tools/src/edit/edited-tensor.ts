import type { DType, Shape } from "@tfsaver/core";
import type { NewTensor } from "../write/new-tensor.js";

/** A tensor in an edit, which knows where it comes from. */
export interface EditedTensor extends NewTensor {
  readonly origin: Origin;
}

/** Where a tensor of an edit comes from, and how it is there. */
export interface Origin {
  /** Name in its checkpoint; `undefined` for a new tensor. */
  readonly name: string | undefined;
  /** Prefix of the checkpoint, or path of the NumPy file; `undefined` for a tensor that was passed. */
  readonly path: string | undefined;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Number of slices; 0 if it is stored whole. */
  readonly slices: number;
}
